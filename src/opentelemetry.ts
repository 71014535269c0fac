/** Entry `qcloud-im-callback/opentelemetry`: spans of requests, handlers and queued events; needs `@opentelemetry/api`. */

export { traceCallbacks } from './observe/opentelemetry.js';
