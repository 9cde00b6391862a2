//! Numbers and moments in words. Plain functions: what the browser knows (its clock, its time zone) is passed in.

use domain::timestamp::MONTHS;

/// A moment on somebody's wall: year, month (1 to 12), day, hour and minute in their time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wall {
    /// Year.
    pub year: u32,
    /// Month, 1 to 12.
    pub month: u32,
    /// Day of the month.
    pub day: u32,
    /// Hour, 0 to 23.
    pub hour: u32,
    /// Minute.
    pub minute: u32,
    /// Days since any fixed day, to tell yesterday from today.
    pub day_number: i64,
}

/// A moment as people say it in a sentence: `today, 14:05`, `yesterday, 09:12`, `tomorrow, 09:12`,
/// `22 November, 14:05`, `22 November 2025`.
#[must_use]
pub fn spoken(then: &Wall, now: &Wall) -> String {
    let time = format!("{:02}:{:02}", then.hour, then.minute);
    let month = MONTHS.get((then.month as usize).wrapping_sub(1)).copied().unwrap_or_default();
    match now.day_number - then.day_number {
        0 => format!("today, {time}"),
        1 => format!("yesterday, {time}"),
        -1 => format!("tomorrow, {time}"),
        _ if then.year == now.year => format!("{} {month}, {time}", then.day),
        _ => format!("{} {month} {}", then.day, then.year),
    }
}

/// How long something will still take, rounded as people would say it.
#[must_use]
pub fn time_left(seconds: u64) -> String {
    match seconds {
        0..=4 => "a few seconds left".to_owned(),
        5..=54 => format!("about {} seconds left", seconds.div_ceil(5) * 5),
        55..=89 => "about a minute left".to_owned(),
        90..=3_569 => format!("about {} minutes left", (seconds + 30) / 60),
        3_570..=5_399 => "about an hour left".to_owned(),
        _ => format!("about {} hours left", (seconds + 1_800) / 3_600),
    }
}

/// A wait that is counted down to the second: `45 s`, `2:05 min`.
#[must_use]
pub fn countdown(seconds: u64) -> String {
    if seconds < 60 { format!("{seconds} s") } else { format!("{}:{:02} min", seconds / 60, seconds % 60) }
}

/// A wait that a person has to sit through, as it is said in a sentence.
#[must_use]
pub fn wait(seconds: u32) -> String {
    match seconds {
        0 | 1 => "a second".to_owned(),
        2..=89 => format!("{seconds} seconds"),
        90..=5_399 => format!("{} minutes", (seconds + 30) / 60),
        _ => format!("{} hours", (seconds + 1_800) / 3_600),
    }
}

/// How many people have done something.
#[must_use]
pub fn people(number: u32) -> String {
    match number {
        0 => "nobody yet".to_owned(),
        1 => "1 person".to_owned(),
        number => format!("{number} people"),
    }
}

/// How many mails.
#[must_use]
pub fn mails(number: u32) -> String {
    match number {
        0 => "No mail".to_owned(),
        1 => "1 mail".to_owned(),
        number => format!("{number} mails"),
    }
}

/// A number with its thousands set apart: `1,048,576`.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// What a browser calls itself, in the two words that people know it by: `Firefox on Linux`.
#[must_use]
pub fn browser_words(user_agent: &str) -> String {
    let first = |known: &[(&str, &'static str)]| {
        known.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    // The order matters: later ones name earlier ones for compatibility.
    let browser = first(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
        ("Wget/", "wget"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) if user_agent.is_empty() => "Unknown browser".to_owned(),
        (None, None) => user_agent.chars().take(60).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wall(year: u32, day_number: i64) -> Wall {
        Wall { year, month: 11, day: 22, hour: 9, minute: 5, day_number }
    }

    #[test]
    fn days_are_named_as_people_name_them() {
        let now = wall(2026, 100);
        for (then, words) in [
            (wall(2026, 100), "today, 09:05"),
            (wall(2026, 99), "yesterday, 09:05"),
            (wall(2026, 101), "tomorrow, 09:05"),
            (wall(2026, 90), "22 November, 09:05"),
            (wall(2025, -265), "22 November 2025"),
        ] {
            assert_eq!(spoken(&then, &now), words);
        }
    }

    #[test]
    fn time_left_is_rounded_to_what_can_be_known() {
        for (seconds, words) in [
            (0, "a few seconds left"),
            (7, "about 10 seconds left"),
            (54, "about 55 seconds left"),
            (60, "about a minute left"),
            (95, "about 2 minutes left"),
            (3_569, "about 59 minutes left"),
            (3_600, "about an hour left"),
            (7_200, "about 2 hours left"),
        ] {
            assert_eq!(time_left(seconds), words, "{seconds}");
        }
    }

    #[test]
    fn a_countdown_shows_every_second() {
        assert_eq!(countdown(59), "59 s");
        assert_eq!(countdown(125), "2:05 min");
        assert_eq!(wait(1), "a second");
        assert_eq!(wait(30), "30 seconds");
        assert_eq!(wait(300), "5 minutes");
    }

    #[test]
    fn counts_agree_with_their_noun() {
        assert_eq!([0, 1, 2].map(people), ["nobody yet", "1 person", "2 people"]);
        assert_eq!([0, 1, 2].map(mails), ["No mail", "1 mail", "2 mails"]);
    }

    #[test]
    fn thousands_are_set_apart() {
        for (number, words) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_048_576, "1,048,576")] {
            assert_eq!(grouped(number), words);
        }
    }

    #[test]
    fn browsers_are_called_by_the_name_people_know() {
        for (user_agent, words) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            ("curl/8.5.0", "curl"),
            ("", "Unknown browser"),
        ] {
            assert_eq!(browser_words(user_agent), words);
        }
    }
}
