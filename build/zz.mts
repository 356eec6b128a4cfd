import fs from 'node:fs';
import {parseCatalog} from '../src/catalog/parse-catalog.ts';
import {indexCatalog} from '../src/query/catalog-index.ts';
import {findColumns,findPlatforms} from '../src/site/space.ts';
import {renderCatalog} from '../src/site/render-catalog.ts';
import {packRoutingTable} from '../src/site/pack-routing-table.ts';
import {bundleCloudFrontFunction} from '../src/site/bundle-router.ts';
const S=[10,20,25,50,100];
for(const n of process.argv.slice(2)){
 const catalog=indexCatalog(parseCatalog(fs.readFileSync(`../shared/catalogs/${n}.json`,'utf8'),n).releases);
 const columns=findColumns(catalog),platforms=findPlatforms(catalog),rendered=renderCatalog(catalog,platforms);
 for(const a of [0,8,16,32,99]){const code=await bundleCloudFrontFunction(packRoutingTable({catalog,columns,platforms,rendered,published:{search:true,pageSizes:{newest:'every',all:S,search:S}},texts:{abbreviations:a,onlyNewest:!!process.env.ON},root:'/snapshots/0123456789abcdef/'}));
 fs.writeFileSync(`/tmp/cf-${n}-${a}.js`,code);console.log(n,a,Buffer.byteLength(code))}
}
