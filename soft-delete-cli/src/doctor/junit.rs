//! The report in JUnit's XML, which continuous integration shows as tests.

use soft_delete_schema::doctor::{Finding, Report, Severity};

use crate::output::name_of;

/// A test for each finding, and one that passes for each table without. A finding less severe than `fail_on` is a test that passes
/// and tells it.
pub(super) fn write(report: &Report, tables: &[String], fail_on: Severity) -> String {
    let healthy: Vec<_> = tables
        .iter()
        .filter(|table| {
            let mut findings = report.into_iter();
            findings.all(|finding| finding.table().to_string() != **table)
        })
        .collect();
    let fails = |finding: &&Finding| finding.severity() >= fail_on;
    let failures = report.into_iter().filter(fails).count();
    let tests = report.findings().len() + healthy.len();
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\"");
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"soft-delete doctor\" {counts}>\n  \
         <testsuite name=\"soft-delete doctor\" {counts}>\n"
    );
    for finding in report {
        let name = format!("{}: {}", name_of(&finding.check()), finding.problem());
        let told = format!(
            "{}\nwhy: {}\nfix: {}",
            finding.problem(),
            finding.consequence(),
            finding.fix()
        );
        let inside = match fails(&finding) {
            true => format!(
                "<failure type=\"{}\" message=\"{}\">{}</failure>",
                finding.severity(),
                escape(finding.problem()),
                escape(&told)
            ),
            false => format!("<system-out>{}</system-out>", escape(&told)),
        };
        xml += &format!(
            "    <testcase classname=\"{}\" name=\"{}\">{inside}</testcase>\n",
            escape(&finding.table().to_string()),
            escape(&name)
        );
    }
    for table in healthy {
        xml += &format!(
            "    <testcase classname=\"{}\" name=\"doctor\"/>\n",
            escape(table)
        );
    }
    xml + "  </testsuite>\n</testsuites>\n"
}

/// For an attribute or a text. Characters that XML 1.0 has no form for are left out.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(character),
            control if control.is_control() => {}
            '\u{fffe}' | '\u{ffff}' => {}
            character => escaped.push(character),
        }
    }
    escaped
}
