-- Every cap: as set on the page, else the default of the settings.
CREATE OR REPLACE VIEW staging.caps AS
SELECT
    d.scope,
    coalesce(b.limit_usd, d.limit_usd) AS cap_usd,
    coalesce(CAST(CAST(b.alert_percents AS JSON) AS INTEGER[]), [75, 90]) AS alert_percents,
    CASE WHEN b.scope IS NULL THEN 'settings' ELSE 'page' END AS set_by
FROM meta.default_caps AS d
LEFT JOIN raw.budgets AS b ON b.scope = d.scope;
