-- A page of one organisation. $1 after this position, $2 up to this one, $3 at most so many, $4 the organisation.
SELECT * FROM letopis.events
WHERE organization_id = $4 AND position > $1 AND position <= $2
ORDER BY position LIMIT $3
