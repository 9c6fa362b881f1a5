# What an enrollment leaves here for the join that follows it, for root alone: the program, which a host that reboots still
# has, and the configuration with the token, in memory.
join_program=/var/lib/nodepools/join
join_input=/run/nodepools/join-input
forget_join() { rm -f "$join_program" "$join_program.new" "$join_input" "$join_input.new"; }
