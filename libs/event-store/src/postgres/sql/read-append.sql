-- The events of the append whose first event is $2 in organisation $1. An append is contiguous and of one command.
SELECT e.*
FROM letopis.events first
JOIN letopis.events e ON e.organization_id = first.organization_id AND e.stream = first.stream
 AND e.revision >= first.revision AND e.command_id = first.command_id
WHERE first.organization_id = $1 AND first.id = $2
ORDER BY e.revision
