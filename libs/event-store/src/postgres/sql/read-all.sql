-- A page of the whole store. $1 after this position, $2 up to this one, $3 at most so many.
SELECT * FROM letopis.events
WHERE position > $1 AND position <= $2
ORDER BY position LIMIT $3
