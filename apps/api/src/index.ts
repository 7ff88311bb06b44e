export { letopis } from './application';
export { createApplication, type RunningServer, startServer } from './server';
export { openApiOf, publicCommands } from './openapi';
