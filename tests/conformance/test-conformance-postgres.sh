#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The postgres source passes the checks of all sources.

. "$(dirname "$0")/suite.sh"
. "$(dirname "$0")/postgres.sh"
conformance postgres
