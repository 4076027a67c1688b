#!/usr/bin/env bash
# Builds the manual as a book, target/book, from docs/ and book.toml. mdBook is fetched into target/ when it is missing, some minutes of
# compiling; MDBOOK, when set, names another one.
set -euo pipefail
cd "$(dirname "$0")/.."

VERSION=0.5.4

mdbook=${MDBOOK:-$PWD/target/mdbook/bin/mdbook}
[[ -x $mdbook ]] || cargo install mdbook --version "$VERSION" --locked --no-default-features --features search --root target/mdbook

# Pages link to files of the repository, which are not in the book: a link becomes one from the book to the file, and that to a page
# beside the book its bare words, as mdBook would look for HTML there. What only the tests read in a fence goes.
rm -rf target/book target/book-source
mkdir -p target/book-source
cp book.toml target/book-source
cp -r docs target/book-source/docs
sed -i -E -e 's#\[([^]]*)\]\(\.\./[^)]*\.md(\#[^)]*)?\)#\1#g' -e 's#\]\(\.\./#](../../#g' -e 's#^(```[a-z]+) .*#\1#' target/book-source/docs/*.md
"$mdbook" build --dest-dir "$PWD/target/book" target/book-source
echo "The manual is in target/book/index.html"
