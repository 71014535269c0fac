import * as platform from '../../../src/platform/web.js';
import { describePlatform } from './cases.js';

describePlatform('platform/web', platform);
