import { createServer } from 'node:http';
import { express, im } from './express-4.mjs';
import { path, receiverOptions } from './receiver.mjs';

const app = express();
app.use(path, im.qcloudIm(receiverOptions(im.ok)));

export default createServer(app);
