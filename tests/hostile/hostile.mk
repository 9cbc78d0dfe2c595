# SPDX-License-Identifier: MIT
#
#	make hostile-test   hostile and random guests; HOSTILE_FLAGS="--seed 7 --rounds 100 fuzz"
#	make hostile-soak   a random guest for long
#
# tests/guests builds them with its own.

.PHONY: hostile-test hostile-soak
hostile-test: guests $(O)/dais.gz
	tests/hostile/run --build $(O) $(HOSTILE_FLAGS)
hostile-soak: guests $(O)/dais.gz
	tests/hostile/run --build $(O) --seed 1000 --rounds 300 $(HOSTILE_FLAGS) fuzz
