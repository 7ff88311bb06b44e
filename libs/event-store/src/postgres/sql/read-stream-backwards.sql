-- The last $3 events of stream $2 of organisation $1, newest first.
SELECT * FROM letopis.events
WHERE organization_id = $1 AND stream = $2
ORDER BY revision DESC LIMIT $3
