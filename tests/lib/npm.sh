# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Packages of npm that a test stands on, from tests/NAME/package-lock.json.  Sourced
# after functions.sh, by a test that had NPM_USER_HOME=$HOME before that one changed it.

# npm_needs NAME: skips the whole test when they cannot be had.  They are in the build
# tree, installed once; DEFSYNC_NPM_PACKAGES names another folder.  Sets NPM_PACKAGES.
npm_needs() {
	local major
	needs node npm flock
	major=$(node -p 'process.versions.node.split(".")[0]')
	[ "$major" -ge 20 ] || skip_all "node is $major, 20 is needed"
	NPM_PACKAGES=${DEFSYNC_NPM_PACKAGES:-${DEFSYNC_BUILDDIR:?is not set}/tests/npm}/$1
	mkdir -p "$NPM_PACKAGES" || skip_all "cannot make $NPM_PACKAGES"
	(
		flock 9
		npm_is_installed "$1" || npm_install "$1"
	) 9>"$NPM_PACKAGES/lock" || {
		tail -n 3 "$NPM_PACKAGES/npm.log" | diag
		skip_all "npm cannot install what $1 needs, see $NPM_PACKAGES/npm.log"
	}
}

npm_is_installed() {
	cmp -s "$TESTS_DIR/$1/package-lock.json" "$NPM_PACKAGES/installed.json"
}

npm_install() {
	cp "$TESTS_DIR/$1/package.json" "$TESTS_DIR/$1/package-lock.json" "$NPM_PACKAGES" &&
		chmod u+w "$NPM_PACKAGES"/*.json &&
		(cd "$NPM_PACKAGES" && HOME=$NPM_USER_HOME timeout 150 npm ci --no-audit --no-fund \
			--ignore-scripts >npm.log 2>&1) &&
		cp "$NPM_PACKAGES/package-lock.json" "$NPM_PACKAGES/installed.json"
}
