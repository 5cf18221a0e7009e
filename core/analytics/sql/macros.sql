-- Durations are counted in logarithmic buckets, so that percentiles over any range come out of small rollups. A bucket is
-- 4 % wide and stands for its geometric middle: no duration is further from it than the square root of 1.04, 1.98 %.
-- What lies between two of them is interpolated as quantile_cont does, so a percentile is as near. Nothing under 0.1 ms
-- is told apart.
CREATE OR REPLACE MACRO marts.log_bucket(seconds) AS
    CAST(floor(ln(greatest(seconds, 0.0001)) / ln(1.04)) AS INTEGER);

-- Over the rows of `wanted`: bucket, how many durations lie in it or below (upto), how many there are (total).
CREATE OR REPLACE MACRO marts.percentile(share, wanted, bucket, upto, total) AS
    (1 - (max(share * (total - 1)) FILTER (WHERE wanted) - floor(max(share * (total - 1)) FILTER (WHERE wanted))))
        * min(pow(1.04, bucket + 0.5)) FILTER (WHERE wanted AND upto > floor(share * (total - 1)))
    + (max(share * (total - 1)) FILTER (WHERE wanted) - floor(max(share * (total - 1)) FILTER (WHERE wanted)))
        * min(pow(1.04, bucket + 0.5)) FILTER (WHERE wanted AND upto > ceil(share * (total - 1)));
