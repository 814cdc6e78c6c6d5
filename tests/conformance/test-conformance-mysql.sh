#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The mysql source passes the checks of all sources.

. "$(dirname "$0")/suite.sh"
. "$(dirname "$0")/mysql.sh"
conformance mysql
