-- Position of the last event.
SELECT COALESCE(max(position), 0) AS position FROM letopis.events
