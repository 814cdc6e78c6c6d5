#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The sqlite source passes the checks of all sources.

. "$(dirname "$0")/suite.sh"
. "$(dirname "$0")/sqlite.sh"
conformance sqlite
