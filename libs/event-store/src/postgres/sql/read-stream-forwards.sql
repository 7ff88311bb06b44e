-- At most $4 events of stream $2 of organisation $1 from revision $3 on.
SELECT * FROM letopis.events
WHERE organization_id = $1 AND stream = $2 AND revision >= $3
ORDER BY revision LIMIT $4
