dnl SPDX-License-Identifier: MIT
dnl Compiler and linker flags, each probed before it is used.

dnl DS_ADD_CFLAG(VARIABLE, FLAG...): appends the flags that the compiler takes,
dnl together or not at all.  Under -Werror, so that "unknown option" counts.
AC_DEFUN([DS_ADD_CFLAG], [
	AC_MSG_CHECKING([whether the compiler takes $2])
	ds_saved_CFLAGS=$CFLAGS
	CFLAGS="$CFLAGS -Werror $2"
	AC_COMPILE_IFELSE([AC_LANG_SOURCE([[
		#include <string.h>
		void f(char *to, const char *from, size_t n);
		void f(char *to, const char *from, size_t n) { memcpy(to, from, n); }
	]])], [ds_ok=yes], [ds_ok=no])
	CFLAGS=$ds_saved_CFLAGS
	AC_MSG_RESULT([$ds_ok])
	AS_IF([test "$ds_ok" = yes], [AS_VAR_APPEND([$1], [" $2"])])
])

dnl DS_ADD_LDFLAG(VARIABLE, FLAG...)
AC_DEFUN([DS_ADD_LDFLAG], [
	AC_MSG_CHECKING([whether the linker takes $2])
	ds_saved_LDFLAGS=$LDFLAGS
	LDFLAGS="$LDFLAGS -Werror $2"
	AC_LINK_IFELSE([AC_LANG_PROGRAM()], [ds_ok=yes], [ds_ok=no])
	LDFLAGS=$ds_saved_LDFLAGS
	AC_MSG_RESULT([$ds_ok])
	AS_IF([test "$ds_ok" = yes], [AS_VAR_APPEND([$1], [" $2"])])
])

dnl --enable-sanitizers=address,undefined | thread
AC_DEFUN([DS_SANITIZERS], [
	AC_ARG_ENABLE([sanitizers],
		[AS_HELP_STRING([--enable-sanitizers=LIST],
			[build with these sanitizers: address,undefined or thread])],
		[], [enable_sanitizers=no])
	AS_CASE([$enable_sanitizers],
		[no], [],
		[yes], [enable_sanitizers=address,undefined])
	AS_IF([test "$enable_sanitizers" != no], [
		DS_SANITIZER_FLAGS="-fsanitize=$enable_sanitizers -fno-omit-frame-pointer"
		AS_CASE([$enable_sanitizers], [*undefined*],
			[AS_VAR_APPEND([DS_SANITIZER_FLAGS], [" -fno-sanitize-recover=undefined"])])
		ds_saved_CFLAGS=$CFLAGS
		CFLAGS="$CFLAGS $DS_SANITIZER_FLAGS"
		AC_LINK_IFELSE([AC_LANG_PROGRAM()], [],
			[AC_MSG_FAILURE([cannot link with -fsanitize=$enable_sanitizers])])
		CFLAGS=$ds_saved_CFLAGS
	])
	AC_SUBST([DS_SANITIZER_FLAGS])
])

AC_DEFUN([DS_WARNINGS], [
	DS_CFLAGS=
	DS_ADD_CFLAG([DS_CFLAGS], [-std=gnu11])
	m4_foreach_w([ds_flag], [-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
		-Wvla -Wformat=2 -Wimplicit-fallthrough],
		[DS_ADD_CFLAG([DS_CFLAGS], [ds_flag])])
	AS_IF([test "x$enable_werror" = xyes], [AS_VAR_APPEND([DS_CFLAGS], [" -Werror"])])
	AC_SUBST([DS_CFLAGS])
])

dnl Hardening.  Never -z nodlopen: it would also stick to the modules.
dnl PIE flags are kept apart, for modules are built with -fPIC.
AC_DEFUN([DS_HARDENING], [
	DS_HARDENING_CFLAGS=
	DS_PIE_CFLAGS=
	DS_PIE_LDFLAGS=
	DS_LDFLAGS=
	DS_MODULE_LDFLAGS=
	m4_foreach_w([ds_flag], [-fno-common -fvisibility=hidden -fstack-protector-strong
		-fstack-clash-protection],
		[DS_ADD_CFLAG([DS_HARDENING_CFLAGS], [ds_flag])])
	AS_CASE([$host_cpu],
		[x86_64|i?86], [DS_ADD_CFLAG([DS_HARDENING_CFLAGS], [-fcf-protection])],
		[aarch64], [DS_ADD_CFLAG([DS_HARDENING_CFLAGS], [-mbranch-protection=standard])])
	dnl Sanitizers replace the functions that _FORTIFY_SOURCE wraps; modules leave
	dnl their run-time symbols to the program.  The probe also fails, as it should,
	dnl without optimisation and when a packager has set a level of his own.
	AS_IF([test "$enable_sanitizers" = no], [
		DS_ADD_CFLAG([DS_HARDENING_CFLAGS], [-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3])
		AS_CASE([$DS_HARDENING_CFLAGS], [*_FORTIFY_SOURCE*], [],
			[DS_ADD_CFLAG([DS_HARDENING_CFLAGS], [-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2])])
		DS_ADD_LDFLAG([DS_MODULE_LDFLAGS], [-Wl,-z,defs])
	])
	DS_ADD_CFLAG([DS_PIE_CFLAGS], [-fPIE])
	AS_IF([test -n "$DS_PIE_CFLAGS"], [
		ds_saved_pie=$CFLAGS
		CFLAGS="$CFLAGS $DS_PIE_CFLAGS"
		DS_ADD_LDFLAG([DS_PIE_LDFLAGS], [-pie])
		CFLAGS=$ds_saved_pie
	])
	m4_foreach_w([ds_flag], [-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed],
		[DS_ADD_LDFLAG([DS_LDFLAGS], [ds_flag])])
	AC_SUBST([DS_HARDENING_CFLAGS])
	AC_SUBST([DS_PIE_CFLAGS])
	AC_SUBST([DS_PIE_LDFLAGS])
	AC_SUBST([DS_LDFLAGS])
	AC_SUBST([DS_MODULE_LDFLAGS])
])
