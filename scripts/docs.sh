#!/usr/bin/env bash
# Builds the manual as a book, target/book, from docs/ and book.toml. If mdBook is missing, it is fetched into target/, which
# takes some minutes of compiling; MDBOOK, when set, names another binary.
set -euo pipefail
cd "$(dirname "$0")/.."

VERSION=0.5.4

mdbook=${MDBOOK:-$PWD/target/mdbook/bin/mdbook}
[[ -x $mdbook ]] || cargo install mdbook --version "$VERSION" --locked --no-default-features --features search --root target/mdbook

# Pages link to files of the repository that are not in the book: such a link is changed to lead from the book to the file, and
# a link to a page beside the book becomes plain text, because mdBook would look for HTML there. Marks in a fence that only the
# tests read are removed.
rm -rf target/book target/book-source
mkdir -p target/book-source
cp book.toml target/book-source
cp -r docs target/book-source/docs
sed -i -E -e 's#\[([^]]*)\]\(\.\./[^)]*\.md(\#[^)]*)?\)#\1#g' -e 's#\]\(\.\./#](../../#g' -e 's#^(```[a-z]+) .*#\1#' target/book-source/docs/*.md
"$mdbook" build --dest-dir "$PWD/target/book" target/book-source
echo "The manual is in target/book/index.html"
