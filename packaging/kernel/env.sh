#!/bin/bash -p
# SPDX-License-Identifier: GPL-2.0-only
#
# The head of all scripts here: what they get from the environment. What a
# person says to these scripts stays (PATH, HOME, TMPDIR, VGICV5_*, KDIR,
# CROSS_COMPILE, SOURCE_DATE_EPOCH, proxies); what bash, git, the compiler,
# make, kbuild and small tools would take from there besides does not, since it
# was meant for something else.
#
# Sourced before anything else, by scripts that begin with "#!/bin/bash -p":
# bash then takes neither functions nor BASH_ENV, CDPATH or options from the
# environment. Executed, "env.sh COMMAND...": for scripts that are not bash.

set +o posix
if [[ $- != *p* && -f $0 ]]; then
	# Started as "bash SCRIPT"
	exec "$BASH" -p "$0" "$@"
fi
# Exported functions are still there, for the next bash.
if [[ $(env) == *BASH_FUNC_* && -z ${VGICV5_NO_FUNCTIONS:-} && -f $0 ]]; then
	mapfile -t VGICV5_FUNCTIONS < <(env | sed -n \
		's/^\(BASH_FUNC_[^=]*\)=() *{.*/-u\n\1/p')
	exec env "${VGICV5_FUNCTIONS[@]}" VGICV5_NO_FUNCTIONS=y \
		"$BASH" -p "$0" "$@"
fi
unset VGICV5_NO_FUNCTIONS
# Unset, the last of these would close what it names.
export -n SHELLOPTS BASHOPTS BASH_XTRACEFD
set +o noclobber
umask 022
# Debian's users do not have these, where dkms, modinfo and depmod are.
[[ :$PATH: == *:/usr/sbin:* ]] ||
	export PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# Shells: also how long "read" waits, and how deep functions may call each other
unset BASH_ENV ENV CDPATH GLOBIGNORE POSIXLY_CORRECT _POSIX2_VERSION EXECIGNORE \
      BASH_COMPAT BASH_LOADABLES_PATH FUNCNEST PS4 TIMEFORMAT TMOUT
# What bash counts goes on from there.
SECONDS=0
# Small tools. Of what they print, scripts read the plain form.
unset GREP_OPTIONS GREP_COLOR GREP_COLORS TAR_OPTIONS TAPE GZIP BZIP BZIP2 \
      XZ_OPT XZ_DEFAULTS ZSTD_CLEVEL ZSTD_NBTHREADS PATCH_GET QUOTING_STYLE \
      PATCH_VERSION_CONTROL VERSION_CONTROL SIMPLE_BACKUP_SUFFIX \
      DIFF_OPTIONS LS_OPTIONS LS_BLOCK_SIZE BLOCK_SIZE BLOCKSIZE \
      DF_BLOCK_SIZE DU_BLOCK_SIZE TIME_STYLE TZ AWKPATH AWKLIBPATH \
      WHINY_USERS MAWKBINMODE CURL_HOME WGETRC RSYNC_RSH SHELLCHECK_OPTS \
      COLUMNS LINES NLSPATH LOCPATH LANGUAGE FORCE_COLOR CLICOLOR_FORCE \
      CLICOLOR TERM_URLS MODPROBE_OPTIONS "${!OPENSSL_@}"
# nproc takes these for the number of CPUs.
unset OMP_NUM_THREADS OMP_THREAD_LIMIT
# make, and what a build by it takes for its own
unset MAKEFLAGS MFLAGS GNUMAKEFLAGS MAKELEVEL MAKEOVERRIDES MAKEFILES \
      MAKE_TERMOUT MAKE_TERMERR NINJAFLAGS NINJA_STATUS DESTDIR O M V W C \
      VPATH GPATH LOADLIBES TARGET_ARCH OUTPUT_OPTION ARFLAGS CONFIG_SITE
# Compilers
unset CC CXX CPP HOSTCC HOSTCXX LD AR AS NM STRIP OBJCOPY OBJDUMP READELF \
      RANLIB CFLAGS CXXFLAGS CPPFLAGS LDFLAGS ASFLAGS LDLIBS CPATH \
      C_INCLUDE_PATH CPLUS_INCLUDE_PATH OBJC_INCLUDE_PATH LIBRARY_PATH \
      COMPILER_PATH GCC_EXEC_PREFIX DEPENDENCIES_OUTPUT \
      SUNPRO_DEPENDENCIES GCC_COMPARE_DEBUG GCC_COLORS LD_RUN_PATH \
      LDEMULATION GNUTARGET PKG_CONFIG PKG_CONFIG_PATH PKG_CONFIG_LIBDIR \
      PKG_CONFIG_SYSROOT_DIR LLVM LLVM_IAS CCC_OVERRIDE_OPTIONS \
      CLANG_CONFIG_FILE_SYSTEM_DIR CLANG_CONFIG_FILE_USER_DIR GCC_URLS
# kbuild
unset ARCH SUBARCH SRCARCH CHECK CF LOCALVERSION KERNELRELEASE KERNELVERSION \
      KCFLAGS KCPPFLAGS KAFLAGS KRUSTFLAGS KDOCFLAGS HOSTCFLAGS HOSTCXXFLAGS \
      HOSTLDFLAGS HOSTLDLIBS USERCFLAGS USERLDFLAGS CFLAGS_KERNEL \
      CFLAGS_MODULE AFLAGS_KERNEL AFLAGS_MODULE LDFLAGS_MODULE PAHOLE \
      PAHOLE_FLAGS INSTALL_PATH INSTALLKERNEL INSTALL_MOD_PATH \
      INSTALL_MOD_DIR INSTALL_MOD_STRIP INSTALL_HDR_PATH MODLIB MO DTC \
      ALLSOURCE_ARCHS srctree objtree srcroot abs_srctree abs_objtree \
      abs_output sub_make_done building_out_of_srctree quiet Q \
      RUSTC HOSTRUSTC BINDGEN
# An option that a kernel has not is one that make looks for in the environment.
unset "${!CONFIG_@}" "${!KBUILD_@}" "${!KCONFIG_@}" "${!CCACHE_@}"
# Packagers' tools
unset "${!DH_@}" "${!DEB_@}" "${!DPKG_@}" DEBEMAIL DEBFULLNAME EMAIL \
      PKGDEST SRCDEST SRCPKGDEST LOGDEST BUILDDIR PKGEXT SRCEXT PACKAGER \
      CARCH MAKEPKG_CONF GPGKEY
# Interpreters, and the emulators of programs
unset "${!PERL@}" "${!PYTHON@}" QEMU_CPU QEMU_LD_PREFIX QEMU_LOG QEMU_STRACE \
      QEMU_SET_ENV QEMU_UNSET_ENV QEMU_MODULE_DIR

# git: neither the repository of a hook or of "git rebase --exec", nor the
# habits of a person, who has others than the next one: the same commit gives
# the same bytes. What could be in a repository's own configuration is said
# again. Whose scripts are executed is trusted: no question of ownership.
for VGICV5_NAME in "${!GIT_@}"; do
	[ "$VGICV5_NAME" = GIT_EXEC_PATH ] || unset "$VGICV5_NAME"
done
unset VGICV5_NAME
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_ATTR_NOSYSTEM=1
export GIT_NO_REPLACE_OBJECTS=1 GIT_TERMINAL_PROMPT=0 GIT_PAGER=cat
export GIT_CONFIG_COUNT=0
git_setting()
{
	export "GIT_CONFIG_KEY_$GIT_CONFIG_COUNT=$1"
	export "GIT_CONFIG_VALUE_$GIT_CONFIG_COUNT=$2"
	GIT_CONFIG_COUNT=$((GIT_CONFIG_COUNT + 1))
}
git_setting safe.directory '*'
git_setting core.attributesFile /dev/null
git_setting core.excludesFile /dev/null
git_setting core.hooksPath /dev/null
git_setting core.fsmonitor false
git_setting core.autocrlf false
git_setting core.quotePath true
git_setting gc.auto 0
git_setting commit.gpgSign false
git_setting tag.gpgSign false
git_setting log.showSignature false
git_setting i18n.commitEncoding UTF-8
git_setting i18n.logOutputEncoding UTF-8
git_setting tar.umask 0022
git_setting apply.whitespace warn
git_setting am.threeWay false
git_setting diff.noprefix false
git_setting diff.mnemonicPrefix false
git_setting diff.algorithm myers
git_setting diff.context 3
git_setting diff.interHunkContext 0
git_setting diff.suppressBlankEmpty false
git_setting format.noprefix false
git_setting format.signOff false
git_setting format.coverLetter false
git_setting format.useAutoBase false
git_setting format.from false
git_setting format.notes false
git_setting format.thread false
git_setting format.subjectPrefix PATCH
git_setting format.suffix .patch
git_setting format.encodeEmailHeaders true
unset -f git_setting

export LC_ALL=C
# bash knows it without being told.
[ -n "${HOME:-}" ] || { unset HOME; HOME=~; }
export HOME

# A path is what it is here, wherever a script goes.
for VGICV5_NAME in TMPDIR KDIR VGICV5_CACHE VGICV5_BUILD VGICV5_SOURCES \
		   VGICV5_HOOK_SERIES VGICV5_APPLY VGICV5_QEMU; do
	case ${!VGICV5_NAME:-} in
	'' | /*) ;;
	*/* | . | ..) export "$VGICV5_NAME=$PWD/${!VGICV5_NAME}" ;;
	*) # Possibly the name of a command
	   [ "$VGICV5_NAME" = VGICV5_QEMU ] ||
		export "$VGICV5_NAME=$PWD/${!VGICV5_NAME}" ;;
	esac
done
case ${XDG_CACHE_HOME:-/} in
/*) ;;
*) unset XDG_CACHE_HOME ;;
esac
unset VGICV5_NAME
if [ -n "${TMPDIR:-}" ] && { [ ! -d "$TMPDIR" ] || [ ! -w "$TMPDIR" ]; }; then
	printf 'vgicv5: TMPDIR is %s, where nothing can be written: unset it\n' \
		"$TMPDIR" >&2
	exit 1
fi

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
	export VGICV5_ENV=$$
	exec "$@"
fi
