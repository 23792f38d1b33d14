export { SimError, type ErrorCode, type ErrorRecord, type Issue } from './base/errors.js';
