dnl SPDX-License-Identifier: MIT
dnl Libraries, plugins and the summary that is printed about them.

dnl DS_LIBRARY(PREFIX, MODULE, VERSION): a library that the core cannot do without.
AC_DEFUN([DS_LIBRARY], [
	PKG_CHECK_MODULES([$1], [$2 >= $3])
	AS_VAR_APPEND([ds_libraries], ["
    m4_format([[%-16s]], [$2]) `$PKG_CONFIG --modversion $2`"])
])

dnl DS_PLUGIN_ARG(NAME, KIND, PREFIX, MODULE, [FALLBACK])
dnl
dnl Adds --enable-NAME=yes|no|auto: "yes" ends configure when the library is
dnl missing, "auto" builds the plugin when it is there.  MODULE may be empty.
dnl FALLBACK is run when pkg-config does not know MODULE; it may set
dnl PREFIX_CFLAGS, PREFIX_LIBS and ds_found (to words that tell what was taken).
dnl Defines the conditional ENABLE_NAME.
AC_DEFUN([DS_PLUGIN_ARG], [
	AC_ARG_ENABLE([$1],
		[AS_HELP_STRING([--enable-$1=yes|no|auto], [build the $1 $2 plugin @<:@auto@:>@])],
		[], [enable_$1=auto])
	AS_CASE([$enable_$1], [yes|no|auto], [],
		[AC_MSG_ERROR([--enable-$1: yes, no or auto expected, not '$enable_$1'])])
	ds_build=no
	ds_found=
	AS_IF([test "$enable_$1" = no], [ds_why="switched off by --disable-$1"], [
		m4_ifblank([$4], [ds_found="needs no library"], [
			PKG_CHECK_MODULES([$3], [$4],
				[ds_found="$4 by pkg-config"],
				[m4_default([$5], [:])])
		])
		AS_IF([test -n "$ds_found"],
			[ds_build=yes; ds_why=$ds_found],
			[ds_why="$4 not found"])
	])
	AS_IF([test "$enable_$1" = yes && test $ds_build = no],
		[AC_MSG_ERROR([--enable-$1: $ds_why; install its development package or leave the switch out])])
	AM_CONDITIONAL([ENABLE_]m4_toupper([$1]), [test $ds_build = yes])
	AS_VAR_APPEND([ds_plugins], ["
    m4_format([[%-16s]], [$2 $1]) $ds_build ($ds_why)"])
])

dnl DS_ABI_VERSION(HEADER): the interface version stands in one place, the header.
AC_DEFUN([DS_ABI_VERSION], [
	m4_foreach([ds_part], [[MAJOR], [MINOR]], [
		DEFSYNC_ABI_[]ds_part=`$SED -n 's/^.define DEFSYNC_ABI_[]ds_part //p' "$srcdir/$1"`
		AS_IF([test -z "$DEFSYNC_ABI_[]ds_part"], [AC_MSG_ERROR([no DEFSYNC_ABI_[]ds_part in $1])])
		AC_SUBST([DEFSYNC_ABI_]ds_part)
	])
])

dnl DS_EXPAND(VARIABLE, VALUE): a folder with its variables put in.
AC_DEFUN([DS_EXPAND], [
	ds_prefix=$prefix; test "x$ds_prefix" = xNONE && ds_prefix=$ac_default_prefix
	ds_exec=$exec_prefix; test "x$ds_exec" = xNONE && ds_exec=$ds_prefix
	$1=`(prefix=$ds_prefix; exec_prefix=$ds_exec; v='$2'
		while :; do
			case $v in *'${'*) eval "v=\"$v\"" ;; *) break ;; esac
		done
		AS_ECHO(["$v"]))`
])

AC_DEFUN([DS_SUMMARY], [
	DS_EXPAND([ds_bindir], [${bindir}])
	DS_EXPAND([ds_plugindir], [${libdir}/defsync/plugins])
	DS_EXPAND([ds_includedir], [${includedir}/defsync])
	DS_EXPAND([ds_mandir], [${mandir}])
	AS_IF([test "x$have_cmocka" = xyes],
		[ds_unit="yes (cmocka `$PKG_CONFIG --modversion cmocka`)"],
		[ds_unit="no (cmocka not found)"])
	AS_ECHO(["
$PACKAGE_NAME $PACKAGE_VERSION, plugin interface $DEFSYNC_ABI_MAJOR.$DEFSYNC_ABI_MINOR

  plugins$ds_plugins

  libraries$ds_libraries

  build
    compiler         $CC
    CFLAGS           $CFLAGS
    hardening        `echo $DS_HARDENING_CFLAGS $DS_PIE_CFLAGS $DS_PIE_LDFLAGS $DS_LDFLAGS`
    warnings         are errors: $enable_werror
    sanitizers       $enable_sanitizers
    failpoints       $enable_failpoints
    defsync-receiver $enable_receiver
    unit tests       $ds_unit

  folders
    programs         $ds_bindir
    plugins          $ds_plugindir
    headers          $ds_includedir
    manual pages     $ds_mandir
"])
])
