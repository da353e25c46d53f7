import { enMall } from "../en-mall";

export const words = { ...enMall };
