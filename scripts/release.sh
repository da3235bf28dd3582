#!/bin/sh
# Makes what is handed to others: an archive of executable, scripts and texts, with its SHA-256
# file, or a Debian package.
# usage: sh scripts/release.sh [--deb]
#
# Both land in build/release. The same sources give the same archive. The package's maintainer is
# "$DEBFULLNAME <$DEBEMAIL>".
set -eu
umask 022
unset CDPATH
cd "$(dirname "$0")/.."
sh scripts/build.sh
version=$(build/daemontools --version | sed 's/.* //')
release=$PWD/build/release
mkdir -p "$release"
# When the sources were last changed: the date of everything that is packed.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH
stage=$(mktemp -d "$release/stage.XXXXXX")
chmod 755 "$stage"
trap 'rm -rf "$stage"' EXIT
trap 'exit 1' HUP INT TERM

# finish FILE: puts a file made in the stage into its place, with its SHA-256 beside it.
finish() {
  mv -f "$stage/$1" "$release/$1"
  (cd "$release" && sha256sum "$1" >"$1.sha256")
  echo "build/release/$1"
}

make_archive() {
  name=daemontools-$version-linux-x86_64
  mkdir "$stage/$name"
  cp -R scripts/install scripts/install.sh scripts/uninstall.sh LICENSE "$stage/$name"
  [ ! -f README.md ] || cp README.md "$stage/$name"
  cp build/daemontools "$stage/$name"
  chmod 755 "$stage/$name/daemontools"
  tar -C "$stage" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
    -cf - "$name" | gzip -n >"$stage/$name.tar.gz"
  finish "$name.tar.gz"
}

# Fills in what the files of scripts/release/debian leave open.
fill() {
  sed -e "s|@VERSION@|$version|g" -e "s|@MAINTAINER@|$maintainer|g" \
    -e "s|@DATE@|$(date -u -R -d "@$SOURCE_DATE_EPOCH")|g" \
    -e "s|@SIZE@|$(du -ks "$stage/package" | cut -f1)|g" \
    -e '/^@SVSCAN_SH@$/{ r scripts/install/lib/svscan.sh' -e 'd' -e '}' "scripts/release/debian/$1"
}

make_package() {
  maintainer="${DEBFULLNAME:-daemontools-ts contributors} <${DEBEMAIL:-daemontools-ts@example.org}>"
  package=$stage/package
  mkdir "$package"
  sh scripts/install.sh --root "$package" --prefix /usr --service-dir /etc/service --no-boot >/dev/null
  rm -rf "$package/usr/share/daemontools"
  mkdir -p "$package/usr/sbin" "$package/var/lib/supervise"
  cp scripts/release/debian/update-service "$package/usr/sbin"
  chmod 755 "$package/usr/sbin/update-service"
  cp scripts/release/debian/update-service.8 "$package/usr/share/man/man8"
  # Below /usr/share/man and /usr/share/doc Debian wants compressed files.
  gzip -9n "$package"/usr/share/man/man8/*.8 "$package"/usr/share/man/man7/*.7
  # Where zsh of Debian looks for what packages bring.
  mkdir "$package/usr/share/zsh/vendor-completions"
  mv "$package"/usr/share/zsh/site-functions/* "$package/usr/share/zsh/vendor-completions"
  rmdir "$package/usr/share/zsh/site-functions"
  mkdir -p "$package/lib/systemd/system"
  sed -e 's|@SVSCANBOOT@|/usr/bin/svscanboot|g' -e 's|@SERVICES@|/etc/service|g' \
    scripts/install/boot/daemontools.service >"$package/lib/systemd/system/daemontools.service"
  doc=$package/usr/share/doc/daemontools-deno
  mkdir -p "$doc" "$package/usr/share/lintian/overrides" "$package/DEBIAN"
  fill copyright >"$doc/copyright"
  fill changelog | gzip -9n >"$doc/changelog.gz"
  [ ! -f README.md ] || gzip -9n <README.md >"$doc/README.md.gz"
  fill lintian-overrides >"$package/usr/share/lintian/overrides/daemontools-deno"
  for script in postinst prerm postrm; do
    fill $script >"$package/DEBIAN/$script"
    chmod 755 "$package/DEBIAN/$script"
  done
  fill control >"$package/DEBIAN/control"
  (cd "$package" && find . -type f ! -path './DEBIAN/*' -printf '%P\0' | LC_ALL=C sort -z |
    xargs -0 md5sum) >"$package/DEBIAN/md5sums"
  find "$package" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
  name=daemontools-deno_${version}_amd64.deb
  dpkg-deb --root-owner-group --build "$package" "$stage/$name" >/dev/null
  finish "$name"
}

case ${1-} in
  '') make_archive ;;
  --deb) make_package ;;
  *)
    echo "usage: sh scripts/release.sh [--deb]" >&2
    exit 100
    ;;
esac
