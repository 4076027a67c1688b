//! Writes the results of a run as a JUnit report, which most CI systems can read.

use std::path::Path;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::file::TestFile;
use super::pool::Played;
use super::report;
use crate::Trouble;

/// Writes the report, with a suite for each file.
pub(super) fn write(path: &Path, files: &[TestFile], played: &[Played]) -> Result<(), Trouble> {
    let mut report = Report::new("lua-modifier test");
    for (index, file) in files.iter().enumerate() {
        let mut suite = TestSuite::new(file.path.display().to_string());
        for played in played.iter().filter(|played| played.place.0 == index) {
            let Some(case) = file.cases.get(played.place.1) else { continue };
            let mut test = TestCase::new(case.name.as_str(), status(played));
            test.set_classname(file.path.display().to_string()).set_time(played.took);
            suite.add_test_case(test);
        }
        report.add_test_suite(suite);
    }
    let text = report.to_string().map_err(|error| Trouble::new(format!("{}: {error}", path.display())))?;
    std::fs::write(path, text).map_err(|error| Trouble::file(path, "written", &error))
}

fn status(played: &Played) -> TestCaseStatus {
    match &played.outcome {
        Ok((_, found)) if found.is_empty() => TestCaseStatus::success(),
        Ok((_, found)) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            let names: Vec<_> = found.iter().map(|found| report::name(&found.at)).collect();
            let details: String = found.iter().map(report::plain).collect();
            status.set_message(format!("not as expected: {}", names.join("; "))).set_description(details);
            status
        }
        Err(trouble) => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            status.set_message(trouble.to_string());
            status
        }
    }
}
