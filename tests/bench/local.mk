# SPDX-License-Identifier: MIT
# Benchmarks: built and run by "make bench" only.

bench:
	@echo "no benchmarks yet"

.PHONY: bench
