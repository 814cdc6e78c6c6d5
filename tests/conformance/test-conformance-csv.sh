#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The csv source passes the checks of all sources.

. "$(dirname "$0")/suite.sh"
. "$(dirname "$0")/csv.sh"
conformance csv
