"""What a value of each unit looks like, for the person whose text was none; the units are those of `schema.json`."""

from collections.abc import Mapping

NEEDED: Mapping[str, str] = {
    "day of month": "нужен день месяца, целое число от 1 до 31",
    "yes or no": "нужно да или нет",
    "years": "нужно целое число лет",
    "months": "нужно целое число месяцев",
    "days": "нужно целое число дней",
    "percent": "нужны проценты, не меньше нуля, например 12",
    "percent a year": "нужны проценты годовых больше 0 и до 100, не больше двух знаков после запятой, например 14,25",
    "percent a day": "нужны проценты за день, не больше четырёх знаков после запятой, например 0,01",
    "percent of the month before": "нужен индекс в процентах к прошлому месяцу, от 50 до 200, например 100,3",
    "times the rate": "нужно, во сколько раз ставка выше, не больше двух знаков после запятой, например 1,5",
    "multiplier": "нужно число больше нуля, например 0,005",
    "money": "нужна сумма без пробелов, не больше двух знаков после запятой, например 4000,00",
    "steps of a fee": "нужна шкала, первая ступень от нуля: [{above: 0, fixed: 4000, percent: 0}]",
    "hours of the day": 'нужны часы: {opens: "09:00", closes: "20:00"}; null, если нельзя совсем',
    "contacts": "нужно, сколько раз можно: {day: 1, week: 2, month: 8}; null, где предела нет",
    "steps": "нужен порядок шагов: [stated_period, oldest_not_time_barred, oldest, advance]",
    "periods": 'нужен список промежутков: [{since: "2020-03-12", until: "2023-06-30"}]',
    "reading": "нужно letter или march",
}
