/** Entry `qcloud-im-callback/prometheus`: metrics, made with the client of your own. */

export { prometheusMetrics } from './observe/prometheus.js';
