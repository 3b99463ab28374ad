"""The durable shell: deliver, advance, commit, hand over; the only place with clocks and loops."""
