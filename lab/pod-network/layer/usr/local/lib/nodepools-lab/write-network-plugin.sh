#!/bin/sh
# flannel's DaemonSet writes the network plugin's configuration.
