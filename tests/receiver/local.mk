# SPDX-License-Identifier: MIT
# The stand-in for the Stream API.
