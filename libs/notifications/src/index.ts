export * from './migrations';
export { type Channel, CHANNELS, type Notice, type Topic, TOPICS } from './notice';
export * from './notification-service';
export {
  NOTIFICATION_STATUSES,
  notificationOverview,
  type NotificationPage,
  type NotificationStatus,
  type NotificationView,
} from './outbox';
export { sendReminders } from './reminders';
export { type SettingsView, type Subscription } from './settings-store';
export { SIGNATURE_HEADER, signatureOf, verifySignature } from './signature';
