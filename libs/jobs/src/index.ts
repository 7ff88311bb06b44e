export { type JobsConnection, type JobsLog } from './backend';
export { Jobs, type AddOptions, type JobHandler, type QueueStatus, type RunningJob } from './jobs';
