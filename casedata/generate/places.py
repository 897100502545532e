"""Where the world happens: provinces with their sales regions and cities, and the club's cities."""

from __future__ import annotations

# region -> province -> cities, the provincial capital first; all names with their Chinese form.
REGIONS = {
    "North": {"Beijing": ["Beijing"], "Hebei": ["Shijiazhuang", "Tangshan"]},
    "East": {
        "Shanghai": ["Shanghai"],
        "Jiangsu": ["Nanjing", "Suzhou", "Wuxi"],
        "Zhejiang": ["Hangzhou", "Ningbo"],
    },
    "Coast": {"Shandong": ["Jinan", "Qingdao", "Yantai"], "Fujian": ["Fuzhou", "Xiamen"]},
    "South": {"Guangdong": ["Guangzhou", "Shenzhen", "Foshan"], "Guangxi": ["Nanning", "Guilin"]},
    "Central": {
        "Hubei": ["Wuhan", "Yichang"],
        "Hunan": ["Changsha", "Zhuzhou"],
        "Henan": ["Zhengzhou", "Luoyang"],
    },
    "West": {"Sichuan": ["Chengdu", "Mianyang"], "Shaanxi": ["Xi'an", "Baoji"]},
}

CHINESE = {
    "Beijing": "北京", "Hebei": "河北", "Shijiazhuang": "石家庄", "Tangshan": "唐山",
    "Shanghai": "上海", "Jiangsu": "江苏", "Nanjing": "南京", "Suzhou": "苏州", "Wuxi": "无锡",
    "Zhejiang": "浙江", "Hangzhou": "杭州", "Ningbo": "宁波", "Shandong": "山东", "Jinan": "济南",
    "Qingdao": "青岛", "Yantai": "烟台", "Fujian": "福建", "Fuzhou": "福州", "Xiamen": "厦门",
    "Guangdong": "广东", "Guangzhou": "广州", "Shenzhen": "深圳", "Foshan": "佛山",
    "Guangxi": "广西", "Nanning": "南宁", "Guilin": "桂林", "Hubei": "湖北", "Wuhan": "武汉",
    "Yichang": "宜昌", "Hunan": "湖南", "Changsha": "长沙", "Zhuzhou": "株洲", "Henan": "河南",
    "Zhengzhou": "郑州", "Luoyang": "洛阳", "Sichuan": "四川", "Chengdu": "成都",
    "Mianyang": "绵阳", "Shaanxi": "陕西", "Xi'an": "西安", "Baoji": "宝鸡",
}  # fmt: skip

CITIES = {name: cities for provinces in REGIONS.values() for name, cities in provinces.items()}
PROVINCES = list(CITIES)
REGION_OF = {province: region for region, provinces in REGIONS.items() for province in provinces}
CITIES = {
    province: cities for provinces in REGIONS.values() for province, cities in provinces.items()
}
PROVINCE_OF = {city: province for province, cities in CITIES.items() for city in cities}

# The brand stores' cities, where the club's members live; the first two have two stores each.
CLUB_CITIES = [
    "Wuhan", "Shanghai", "Beijing", "Guangzhou", "Hangzhou",
    "Chengdu", "Nanjing", "Changsha", "Xi'an", "Xiamen",
]  # fmt: skip
