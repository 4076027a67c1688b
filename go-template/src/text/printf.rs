//! Go's `Sprintf`, which writes its errors about wrong arguments into the text. Source: fmt/print.go (doPrintf).

use super::directive::{Directive, Directives};
use super::padding::Flags;
use super::print::type_of;
use super::verbs::Printer;
use crate::limits::Budget;
use crate::value::Value;

/// A text with its directives replaced by the arguments.
pub(crate) fn printf(format: &str, arguments: &[Value], budget: &Budget) -> Result<String, String> {
    let mut printer = Printer::new(budget);
    let mut directives = Directives::new(format, arguments);
    while let Some((before, rest)) = directives.text.split_once('%') {
        printer.out.push_str(before);
        directives.text = rest;
        let Directive { flags, complaints, verb } = directives.directive();
        printer.out.push_str(&complaints);
        let Some(verb) = verb else {
            printer.out.push_str("%!(NOVERB)");
            break;
        };
        let argument = arguments.get(directives.next);
        match argument {
            _ if verb == '%' => printer.out.push('%'),
            _ if directives.bad_index => complain(&mut printer, verb, "BADINDEX"),
            None => complain(&mut printer, verb, "MISSING"),
            Some(argument) => {
                directives.next += 1;
                printer.flags = flags;
                printer.value(argument, verb)?;
            }
        }
        budget.length(printer.out.len())?;
        budget.spend(1)?;
    }
    printer.out.push_str(directives.text);
    let left = arguments.get(directives.next..).unwrap_or_default();
    if !directives.reordered && !left.is_empty() {
        extra(&mut printer, left)?;
    }
    printer.finish()
}

fn complain(printer: &mut Printer<'_>, verb: char, what: &str) {
    printer.out.push_str("%!");
    printer.out.push(verb);
    printer.out.push_str(&format!("({what})"));
}

fn extra(printer: &mut Printer<'_>, arguments: &[Value]) -> Result<(), String> {
    printer.flags = Flags::default();
    printer.out.push_str("%!(EXTRA ");
    for (index, argument) in arguments.iter().enumerate() {
        printer.out.push_str(if index > 0 { ", " } else { "" });
        if !matches!(argument, Value::Nil) {
            printer.out.push_str(type_of(argument));
            printer.out.push('=');
        }
        printer.value(argument, 'v')?;
    }
    printer.out.push(')');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;

    fn shows(format: &str, arguments: &[Value], wanted: &str) {
        let budget = Budget::new(Limits::default());
        assert_eq!(printf(format, arguments, &budget).as_deref(), Ok(wanted), "{format}");
    }

    #[test]
    fn verbs_and_flags_are_those_of_go() {
        shows(
            "%d|%5d|%-5d|%05d|%+d|%x|%#x|%b|%o",
            &vec![Value::Int(42); 9],
            "42|   42|42   |00042|+42|2a|0x2a|101010|52",
        );
        shows("%s|%q|%10s|%-4s|%.2s|%x", &vec![Value::from("abc"); 6], "abc|\"abc\"|       abc|abc |ab|616263");
        shows(
            "%v|%g|%f|%.2f|%e|%6.1f|%06.1f",
            &vec![Value::Float(2.5); 7],
            "2.5|2.5|2.500000|2.50|2.500000e+00|   2.5|0002.5",
        );
        shows("%t %v", &[Value::Bool(true), Value::Bool(false)], "true false");
        shows("%c %q %U", &[Value::Int(97), Value::Int(98), Value::Int(233)], "a 'b' U+00E9");
        shows("%T %T", &[Value::Float(1.0), Value::Nil], "float64 <nil>");
        shows("%#v", &[Value::list([Value::from("a"), Value::Nil])], "[]interface {}{\"a\", interface {}(nil)}");
    }

    #[test]
    fn wrong_arguments_are_told_in_the_text() {
        shows("%d", &[Value::Float(1.0)], "%!d(float64=1)");
        shows("%d %d", &[Value::Int(1)], "1 %!d(MISSING)");
        shows("%d", &[Value::Int(1), Value::from("x")], "1%!(EXTRA string=x)");
        shows("%s", &[Value::Nil], "%!s(<nil>)");
        shows("100%", &[], "100%!(NOVERB)");
        shows("%z", &[Value::Int(1)], "%!z(int=1)");
        shows("%s", &[Value::list([Value::Float(1.0), Value::Nil])], "[%!s(float64=1) <nil>]");
    }

    #[test]
    fn arguments_can_be_chosen_by_number_and_give_widths() {
        shows("%[2]d %[1]d", &[Value::Int(1), Value::Int(2)], "2 1");
        shows("%*d|%.*f", &[Value::Int(4), Value::Int(7), Value::Int(1), Value::Float(2.25)], "   7|2.2");
        shows("%[5]d", &[Value::Int(1)], "%!d(BADINDEX)");
    }
}
