# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Installs what building and testing need, through apt-get or dnf.  Sourced by
# quickstart.sh and check.sh.
#
#	install_packages build		to build and for the quick start
#	install_packages test		for check.sh: that, and what tests cannot or
#					should not do without

apt_build=(build-essential autoconf automake pkg-config libcurl4-openssl-dev libjansson-dev
	libsqlite3-dev libpq-dev default-libmysqlclient-dev libyaml-dev libmicrohttpd-dev libssl-dev zlib1g-dev
	libdeflate-dev sqlite3)
apt_test=(xz-utils perl libcmocka-dev curl jq openssl postgresql mariadb-server)
# Without these some checks are skipped.
apt_useful=(clang clang-format-14 cppcheck shellcheck mandoc valgrind strace abigail-tools universal-ctags git
	tinyproxy)

dnf_build=(gcc make autoconf automake pkgconf-pkg-config libcurl-devel jansson-devel
	sqlite-devel libpq-devel mariadb-connector-c-devel libyaml-devel libmicrohttpd-devel openssl-devel zlib-devel libdeflate-devel sqlite)
dnf_test=(gcc-c++ xz perl-interpreter diffutils libcmocka-devel gnutls-devel libasan libubsan libtsan curl jq openssl
	postgresql-server mariadb-server)
dnf_useful=(clang cppcheck ShellCheck mandoc valgrind strace libabigail ctags git tinyproxy)

# The server of SQS for tests; where these are from elsewhere they are left alone.
if ! command -v npm >/dev/null; then
	apt_useful+=(nodejs npm)
	dnf_useful+=(nodejs npm)
fi

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

apt_get() {
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=600 "$@"
}

deb_is_missing() {
	[ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" != installed ]
}

rpm_is_missing() {
	! rpm -q "$1" >/dev/null 2>&1
}

# missing_of TEST PACKAGE...: sets `missing` to those for which the test holds.
missing_of() {
	local test=$1 package
	shift
	missing=()
	for package in "$@"; do
		! "$test" "$package" || missing+=("$package")
	done
}

install_debs() {
	local needed=("${apt_build[@]}") useful=() missing wanted package
	[ "$1" = build ] || needed+=("${apt_test[@]}") useful=("${apt_useful[@]}")
	missing_of deb_is_missing "${useful[@]}"
	wanted=("${missing[@]}")
	missing_of deb_is_missing "${needed[@]}"
	[ $((${#missing[@]} + ${#wanted[@]})) != 0 ] || return 0
	echo "installing: ${missing[*]} ${wanted[*]}"
	apt_get update || return 1
	for package in "${wanted[@]}"; do
		[ -z "$(apt-cache madison "$package" 2>/dev/null)" ] || missing+=("$package")
	done
	[ ${#missing[@]} = 0 ] || apt_get install --no-install-recommends "${missing[@]}"
}

install_rpms() {
	local needed=("${dnf_build[@]}") useful=() missing wanted
	[ "$1" = build ] || needed+=("${dnf_test[@]}") useful=("${dnf_useful[@]}")
	missing_of rpm_is_missing "${useful[@]}"
	wanted=("${missing[@]}")
	missing_of rpm_is_missing "${needed[@]}"
	[ $((${#missing[@]} + ${#wanted[@]})) != 0 ] || return 0
	echo "installing: ${missing[*]} ${wanted[*]}"
	[ ${#missing[@]} = 0 ] || as_root dnf -q -y install "${missing[@]}" || return 1
	[ ${#wanted[@]} = 0 ] || as_root dnf -q -y install --skip-broken "${wanted[@]}" || true
}

install_packages() {
	if command -v apt-get >/dev/null; then
		install_debs "$1"
	elif command -v dnf >/dev/null; then
		install_rpms "$1"
	else
		echo "neither apt-get nor dnf here; going on with what is installed"
	fi
}
