import { defineProjection, defineTable, on } from '@letopis/projections';
import {
  ClassTeacherAssigned,
  ClassTeacherUnassigned,
  GroupArchived,
  GroupCreated,
  GroupRenamed,
} from '@letopis/school';

/** Groups and classes under their present titles. */
const groups = defineTable({
  name: 'groups',
  columns: {
    group_id: 'uuid',
    position: 'bigint',
    kind: 'text',
    title: 'text',
    live: 'boolean',
    class_teacher_id: 'uuid?',
  },
  key: ['group_id'],
  indexes: [['organization_id', 'position']],
});

export const groupsProjection = defineProjection({
  name: 'groups',
  version: 1,
  tables: [groups],
  on: [
    on(GroupCreated, (rows, { data, position }) => {
      rows.putIfAbsent(groups, {
        group_id: data.groupId,
        position,
        kind: data.kind,
        title: data.title,
        live: true,
      });
    }),
    on(GroupRenamed, {
      reads: ({ data }) => [groups.at({ group_id: data.groupId })],
      apply: (rows, { data }) => {
        rows.change(groups, { group_id: data.groupId }, (row) => ({ ...row, title: data.to }));
      },
    }),
    on(GroupArchived, {
      reads: ({ data }) => [groups.at({ group_id: data.groupId })],
      apply: (rows, { data }) => {
        rows.change(groups, { group_id: data.groupId }, (row) => ({ ...row, live: false }));
      },
    }),
    on(ClassTeacherAssigned, {
      reads: ({ data }) => [groups.at({ group_id: data.groupId })],
      apply: (rows, { data }) => {
        rows.change(groups, { group_id: data.groupId }, (row) => ({
          ...row,
          class_teacher_id: data.personId,
        }));
      },
    }),
    on(ClassTeacherUnassigned, {
      reads: ({ data }) => [groups.at({ group_id: data.groupId })],
      apply: (rows, { data }) => {
        rows.change(groups, { group_id: data.groupId }, (row) => ({ ...row, class_teacher_id: null }));
      },
    }),
  ],
});
