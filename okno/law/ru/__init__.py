"""Russia: Жилищный кодекс, Гражданский кодекс and what the Government sets under them. Called by `countries` only."""
