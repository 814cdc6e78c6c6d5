# SPDX-License-Identifier: MIT
# The whole program, driven by shell scripts.

system_tests =

SYSTEM_TESTS = $(system_tests)
EXTRA_DIST += $(system_tests)
