//! `lua-modifier test`, as script authors see it: whole outputs, the files it writes, and its messages about bad files.

use std::path::Path;

use tests::command::transcript::{differences, masked};
use tests::command::{call, command};
use tests::machine::Folder;
use tests::repository;

const FILES: &str = "tests/cases/test/files";

#[test]
fn every_call_prints_what_is_written_down_for_it() {
    let found = differences("tests/cases/test/shown", FILES);
    assert!(found.is_empty(), "{}", found.join("\n\n"));
}

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(path.as_ref()).unwrap()
}

#[test]
fn update_writes_what_came_out_and_leaves_the_rest_of_the_file_alone() {
    let folder = Folder::default();
    let file = folder.path().join("some.test.toml");
    std::fs::copy(repository::root().join("tests/cases/test/update/before.toml"), &file).unwrap();
    assert_eq!(call(&folder, &["test", "."]).code, Some(1));
    let updated = call(&folder, &["test", ".", "--update"]);
    assert_eq!(updated.code, Some(0), "{}{}", updated.out, updated.err);
    assert_eq!(read(&file), read(repository::root().join("tests/cases/test/update/after.toml")), "{}", updated.out);
    let again = call(&folder, &["test", "."]);
    assert_eq!(again.code, Some(0), "{}", again.out);
    assert!(again.out.contains("3 passed in"), "{}", again.out);
}

#[test]
fn a_file_that_passes_is_not_written_by_update() {
    let folder = Folder::default();
    let file = folder.path().join("some.test.toml");
    let text = read(repository::root().join("tests/cases/test/update/after.toml"));
    std::fs::write(&file, &text).unwrap();
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o444)).unwrap();
    let before = std::fs::metadata(&file).unwrap().modified().unwrap();
    assert_eq!(call(&folder, &["test", ".", "--update"]).code, Some(0));
    assert_eq!(std::fs::metadata(&file).unwrap().modified().unwrap(), before);
    assert_eq!(read(&file), text);
}

#[test]
fn what_cannot_be_written_down_still_fails_with_update() {
    let folder = Folder::default();
    let text =
        read(repository::root().join("tests/cases/test/update/after.toml")) + "body_contains = \"never there\"\n";
    folder.write("some.test.toml", text);
    let said = call(&folder, &["test", ".", "--update"]);
    assert_eq!(said.code, Some(1), "{}", said.out);
    assert!(said.out.contains("body_contains"), "{}", said.out);
}

#[test]
fn the_junit_report_has_each_case_with_its_outcome() {
    let folder = Folder::default();
    let report = folder.path().join("out.xml");
    let said = call(repository::root().join(FILES), &["test", "mixed", "--junit", report.to_str().unwrap()]);
    assert_eq!(said.code, Some(1));
    let xml = read(&report);
    assert!(
        xml.contains(r#"<testsuites name="lua-modifier test" tests="6" skipped="0" failures="4" errors="0">"#),
        "{xml}"
    );
    assert!(xml.contains(r#"name="everything is different" classname="mixed/inline.test.toml""#), "{xml}");
    assert!(xml.contains("not as expected: endpoint; status;"), "{xml}");
    assert!(!xml.contains('\u{1b}'), "{xml}");
}

#[test]
fn lcov_has_the_lines_of_lua_files_even_of_those_that_never_ran() {
    let folder = Folder::default();
    let report = folder.path().join("out.info");
    let said = call(repository::root().join(FILES), &["test", "coverage", "--lcov", report.to_str().unwrap()]);
    assert_eq!(said.code, Some(0), "{}{}", said.out, said.err);
    assert_eq!(read(&report), read(repository::root().join("tests/cases/test/coverage.info")));
}

#[test]
fn all_tests_of_a_folder_run_whichever_order_they_end_in() {
    let folder = Folder::default();
    let file = read(repository::root().join("tests/cases/test/update/after.toml"));
    for index in 0..20 {
        folder.write(&format!("sub{index:02}/x.test.toml"), &file);
    }
    let first = call(&folder, &["test", "."]);
    assert!(first.out.contains("60 passed in"), "{}", first.out);
    assert_eq!(masked(&first.out), masked(&call(&folder, &["test", "."]).out));
}

#[test]
fn a_file_that_names_the_folders_of_its_template_depends_on_no_variable_and_no_option() {
    let mut command = command(repository::root().join(FILES));
    command.env("FC_ENABLE", "1").env("FC_SETTINGS", "nowhere").env("FC_TEMPLATES", "nowhere");
    let output = command.args(["test", "flexible", "--partials", "nowhere"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
