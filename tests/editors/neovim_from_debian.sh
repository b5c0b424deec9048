#!/usr/bin/env bash
# A Neovim newer than this system's, from another Debian suite, without touching the system.
#
#     neovim_from_debian.sh SUITE FOLDER
#
# The suite's packages are unpacked into FOLDER and started by the suite's own loader with its own libraries. Prints the
# path of the resulting command; does nothing else where FOLDER has one already. Exit code 3: it could not be had here,
# and the last line on stderr says why.
set -euo pipefail

suite=$1
mkdir -p "$2"
folder=$(cd "$2" && pwd)
command=$folder/nvim

unavailable() {
    echo "No Neovim of Debian $suite: $1." >&2
    exit 3
}

if [ -x "$command" ]; then
    echo "$command"
    exit
fi

[ "$(dpkg --print-architecture 2>/dev/null)" = amd64 ] || unavailable "this is not a Debian of amd64"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -e "$keyring" ] || unavailable "there is no $keyring to check its packages with"
mirror=$(apt-cache policy | grep -oE 'https?://[^ ]+/debian ' | head -1 | tr -d ' ' || true)
mirror=${mirror:-http://deb.debian.org/debian}

apt=$folder/apt
mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial" "$apt/parts" "$folder/packages" "$folder/root"
echo "deb [signed-by=$keyring] $mirror $suite main" > "$apt/sources.list"
: > "$apt/status"
options=(-qq -o "Dir::State=$apt/state" -o "Dir::Cache=$apt/cache" -o "Dir::Etc::sourcelist=$apt/sources.list"
    -o "Dir::Etc::sourceparts=$apt/parts" -o "Dir::State::status=$apt/status" -o APT::Sandbox::User=root
    -o Acquire::http::Timeout=20 -o Acquire::Retries=2 -o APT::Update::Error-Mode=any)

timeout 300 apt-get "${options[@]}" update >&2 || unavailable "$mirror cannot be reached or does not have it"
packages=$(apt-cache "${options[@]}" depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks \
    --no-replaces --no-enhances neovim | grep '^[a-z]' | sort -u)
# shellcheck disable=SC2086 # One word for each package is what is meant.
(cd "$folder/packages" && timeout 600 apt-get "${options[@]}" download $packages) >&2 || unavailable "a download failed"
for package in "$folder"/packages/*.deb; do
    dpkg-deb -x "$package" "$folder/root"
done
rm -rf "$folder/packages" "$apt"

cat > "$command.new" <<WRAPPER
#!/bin/sh
root='$folder/root'
libraries=\$root/usr/lib/x86_64-linux-gnu
export VIMRUNTIME=\$root/usr/share/nvim/runtime
export LUA_PATH="\$root/usr/share/lua/5.1/?.lua;;" LUA_CPATH="\$libraries/lua/5.1/?.so;;"
exec "\$libraries/ld-linux-x86-64.so.2" --library-path "\$libraries:\$libraries/nvim" --argv0 nvim "\$root/usr/bin/nvim" "\$@"
WRAPPER
chmod +x "$command.new"
"$command.new" --version > /dev/null || unavailable "it does not start"
mv "$command.new" "$command"
echo "$command"
