import { zhMall } from "../zh-mall";

export const words = { ...zhMall };
