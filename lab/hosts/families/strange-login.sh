#!/bin/sh
# A hardened host with a login that is nobody's first choice: ops, whose shell is fish and greets without an end of line.
set -eu
useradd --create-home --shell /usr/bin/fish ops
install -D -m 600 -o ops -g ops /root/.ssh/authorized_keys /home/ops/.ssh/authorized_keys
chown ops:ops /home/ops/.ssh
install -d -o ops -g ops /home/ops/.config /home/ops/.config/fish
echo 'printf "Welcome to %s" (hostname); echo "last login: never" >&2' >/home/ops/.config/fish/config.fish
(umask 227 && printf '%s\n' 'Defaults use_pty, log_output' 'ops ALL=(root) NOPASSWD: ALL' >/etc/sudoers.d/ops)

# What a session leaves behind is ended with it.
echo 'session optional pam_systemd.so' >>/etc/pam.d/common-session
mkdir -p /etc/systemd/logind.conf.d
printf '[Login]\nKillUserProcesses=yes\nKillExcludeUsers=\n' >/etc/systemd/logind.conf.d/hardened.conf
systemctl restart systemd-logind

# Nothing can be executed from where a program might put itself.
cat >/etc/systemd/system/no-execution.service <<END
[Unit]
DefaultDependencies=no
Before=basic.target
After=local-fs.target
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'for folder in /run /tmp /var/tmp; do mountpoint -q \$\$folder || mount -t tmpfs -o mode=1777 tmpfs \$\$folder; mount -o remount,noexec \$\$folder; done'
[Install]
WantedBy=basic.target
END
systemctl enable --now no-execution
