#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Nothing is lost in any order of two writers and the reader, on the server of postgres.

. "$(dirname "$0")/suite.sh"
. "$(dirname "$0")/postgres.sh"
. "$(dirname "$0")/interleavings.sh"
interleavings postgres
