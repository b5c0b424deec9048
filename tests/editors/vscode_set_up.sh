#!/usr/bin/env bash
# A runnable VS Code in $1: code-server, which is VS Code with a browser for its window, from the npm registry alone.
#
# code-server's own postinstall starts nested installations that refuse to run as root and download from elsewhere; here
# the same is done step by step. The native modules are built against the headers of this machine's Node. Those that
# nothing of ours reaches (kerberos, sqlite3, deviceid, windows-*) are left unbuilt. The last step leaves a mark, so that
# an installation that was interrupted is continued, and a finished one is not touched.
set -euo pipefail

version=4.100.3 # VS Code 1.100.3, the last one that runs on Node 20.
target=$1
[ -e "$target/ready-$version" ] && exit 0

node_prefix=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
npm_folder=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
[ "$(node -p 'process.versions.node.split(".")[0]')" = 20 ] || { echo "code-server $version needs Node 20." >&2; exit 1; }
[ -d "$node_prefix/include/node" ] || { echo "The headers of Node are missing below $node_prefix." >&2; exit 1; }
export npm_config_nodedir=$node_prefix
install() { npm install --ignore-scripts --no-audit --no-fund --loglevel=error "$@"; }

mkdir -p "$target" && cd "$target"
[ -e package.json ] || echo '{"private": true}' > package.json
install "code-server@$version" @vscode/ripgrep-universal@1.18.0
npm rebuild argon2 --loglevel=error
cd node_modules/code-server/lib/vscode
install --omit=dev
(cd extensions && install --omit=dev)
npm rebuild @vscode/spdlog native-watchdog --loglevel=error
# Its script would call npx, which is not needed for the build.
(cd node_modules/node-pty && node "$npm_folder/node_modules/node-gyp/bin/node-gyp.js" rebuild --nodedir="$node_prefix")
[ -e node_modules.asar ] || ln -s node_modules node_modules.asar
# VS Code's own package downloads ripgrep from GitHub; the universal one brings it along.
mkdir -p node_modules/@vscode/ripgrep/bin
ln -sf "$target/node_modules/@vscode/ripgrep-universal/bin/linux-$(node -p process.arch)/rg" node_modules/@vscode/ripgrep/bin/rg
node ../../out/node/entry.js --config /dev/null --version
touch "$target/ready-$version"
