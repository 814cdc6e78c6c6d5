# SPDX-License-Identifier: MIT
# Plugins for tests only; never installed.
