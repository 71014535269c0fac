import * as platform from '../../../src/platform/node.js';
import { describePlatform } from './cases.js';

describePlatform('platform/node', platform);
