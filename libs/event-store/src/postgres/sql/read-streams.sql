-- Events of many streams at once, each from its revision on. $1 organisations, $2 streams, $3 first revisions.
SELECT e.*
FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS wanted(organization_id, stream, revision)
JOIN letopis.events e
  ON e.organization_id = wanted.organization_id AND e.stream = wanted.stream AND e.revision >= wanted.revision
ORDER BY e.organization_id, e.stream, e.revision
