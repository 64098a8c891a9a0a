"""Stories in other languages and scripts: two events with two reports each.

None is joined across events, nor across languages, where earthquakes and interest rates come up again.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from cleaner.settings.load import load_settings
from cleaner.stories.grouping import ArticleFacts, story_groups
from cleaner.stories.terms import terms_of
from cleaner.words.tokenising import words

DAY = dt.date(2024, 3, 5).toordinal()

# language: two reports of a flood, two reports of a court ruling or a vote, all by hand.
NEWS = {
    "German": (
        (
            "Nach dem Dammbruch an der Elbe ist die Altstadt von Dresden überflutet worden. Der "
            "Oberbürgermeister ordnete an, dass rund 4000 Menschen ihre Häuser verlassen müssen. Die Feuerwehr "
            "ist mit allen Kräften im Einsatz."
        ),
        (
            "Dresden: Tausende müssen die Altstadt verlassen. Der Damm der Elbe hielt nicht mehr stand, und das "
            "Wasser ist in die Straßen gelaufen. Der Oberbürgermeister hat die Bewohner gebeten, der Feuerwehr "
            "zu folgen."
        ),
        (
            "Der Bundestag hat am Donnerstag das neue Rentengesetz beschlossen. Die Koalition hat sich nach "
            "langem Streit auf die Stabilisierung des Rentenniveaus geeinigt, und die Opposition ist mit ihrem "
            "Antrag gescheitert."
        ),
        (
            "Mit den Stimmen der Koalition hat der Bundestag das Rentengesetz verabschiedet. Das Rentenniveau "
            "bleibt damit bei 48 Prozent; ein Antrag der Opposition fand keine Mehrheit."
        ),
    ),
    "French": (
        (
            "Une digue de la Loire a cédé lundi près de Blois et les eaux ont envahi le centre-ville. Le préfet "
            "du Loir-et-Cher a ordonné l'évacuation de 3 000 habitants, a annoncé la mairie, et les pompiers "
            "sont sur place."
        ),
        (
            "Blois sous les eaux : après la rupture d'une digue de la Loire, les pompiers évacuent les habitants "
            "du centre-ville. Selon le préfet, la crue devrait atteindre son maximum dans la nuit."
        ),
        (
            "Les sénateurs ont adopté mardi la réforme des retraites, qui porte l'âge légal à 64 ans. Les "
            "syndicats ont appelé à une nouvelle journée de grève contre le texte, qui doit encore passer devant "
            "l'Assemblée nationale."
        ),
        (
            "Retraites : le Sénat vote le report de l'âge légal à 64 ans. La réforme revient à l'Assemblée "
            "nationale, tandis que les syndicats annoncent une grève pour la semaine prochaine."
        ),
    ),
    "Spanish": (
        (
            "Un terremoto de magnitud 6,8 sacudió en la madrugada del martes la costa del sur de Perú y dejó al "
            "menos doce muertos y decenas de heridos, según las autoridades. El epicentro se situó a treinta "
            "kilómetros de Arequipa."
        ),
        (
            "Al menos doce muertos en Perú por un terremoto cerca de Arequipa. El sismo, de magnitud 6,8, se "
            "sintió en toda la costa del sur y obligó a las autoridades a evacuar hospitales con heridos."
        ),
        (
            "El presidente anunció el lunes que el gobierno va a subir el salario mínimo en un diez por ciento a "
            "partir de enero. La medida, que se ha discutido con los sindicatos y los empresarios, beneficia a "
            "dos millones."
        ),
        (
            "El salario mínimo subirá un diez por ciento en enero, según el presidente. Los sindicatos han "
            "celebrado la subida, que beneficia a dos millones de trabajadores; los empresarios la critican."
        ),
    ),
    "Russian": (
        (
            "После прорыва дамбы на реке Урал в городе Орск затоплены тысячи домов. Власти объявили эвакуацию, и "
            "в регион направлены спасатели МЧС. По словам губернатора, вода в реке будет подниматься ещё "
            "несколько дней."
        ),
        (
            "В Орске из-за прорыва дамбы эвакуируют жителей. Вода из реки Урал затопила тысячи домов, и "
            "губернатор попросил всех покинуть опасные районы. Спасатели МЧС на лодках вывозят людей из домов."
        ),
        (
            "Центральный банк на заседании в пятницу повысил ключевую ставку до 18 процентов. По словам главы "
            "регулятора, инфляция в стране остаётся высокой, и ставка будет оставаться на этом уровне до конца "
            "года."
        ),
        (
            "Ключевая ставка выросла до 18 процентов: такое решение принял Центральный банк. Глава регулятора "
            "объяснила его тем, что инфляция не снижается."
        ),
    ),
    "Arabic": (
        (
            "ضرب زلزال بقوة 6.8 درجات إقليم الحوز جنوب مراكش ليلة الجمعة وأدى إلى مقتل مئات الأشخاص. وقالت وزارة "
            "الداخلية المغربية إن فرق الإنقاذ تبحث عن ناجين تحت الأنقاض."
        ),
        (
            "ارتفع عدد قتلى زلزال الحوز قرب مراكش، وتواصل فرق الإنقاذ البحث عن ناجين تحت الأنقاض في القرى "
            "الجبلية، حسب وزارة الداخلية المغربية."
        ),
        (
            "قرر البنك المركزي المصري رفع أسعار الفائدة بمقدار 200 نقطة أساس في اجتماعه يوم الخميس بهدف خفض "
            "التضخم الذي بلغ مستوى قياسيا."
        ),
        (
            "رفع البنك المركزي المصري أسعار الفائدة 200 نقطة أساس. وقالت لجنة السياسة النقدية إن التضخم ما زال "
            "عند مستوى قياسي."
        ),
    ),
    "Hindi": (
        (
            "उत्तरकाशी की सिल्क्यारा सुरंग में फंसे सभी 41 मजदूरों को मंगलवार की रात सुरक्षित बाहर निकाल लिया "
            "गया। बचाव दल ने सत्रह दिन तक मलबे में पाइप डालकर रास्ता बनाया था।"
        ),
        (
            "सत्रह दिन बाद सिल्क्यारा सुरंग से 41 मजदूर बाहर आए। उत्तरकाशी में बचाव दल ने मलबे के बीच पाइप से "
            "रास्ता बनाकर मजदूरों को निकाला।"
        ),
        (
            "भारतीय रिज़र्व बैंक ने रेपो दर में कोई बदलाव नहीं किया है। गवर्नर शक्तिकांत दास ने कहा कि महंगाई पर "
            "नज़र रखी जाएगी और रेपो दर 6.5 प्रतिशत पर बनी रहेगी।"
        ),
        (
            "रेपो दर 6.5 प्रतिशत पर कायम: रिज़र्व बैंक के गवर्नर शक्तिकांत दास ने मौद्रिक नीति की घोषणा की और "
            "कहा कि महंगाई अब भी चिंता का विषय है।"
        ),
    ),
    "Chinese": (
        "甘肃省积石山县18日深夜发生6.2级地震,已造成一百多人遇难。救援队伍连夜赶到震区,在倒塌的房屋中搜救被困群众。",
        "积石山县地震遇难人数上升。这次6.2级地震使甘肃多个乡镇房屋倒塌,救援队伍正在严寒中搜救被困群众。",
        "中国人民银行宣布下调存款准备金率0.5个百分点,将向市场提供约一万亿元长期流动性,行长潘功胜在记者会上说。",
        "存款准备金率下调0.5个百分点。行长潘功胜表示,中国人民银行此举释放长期流动性约一万亿元。",
    ),
    "Japanese": (
        "能登半島で最大震度7の地震があり、輪島市では朝市通りで大規模な火災が起きた。消防は倒壊した家屋で救助活動を続けている。石川県の馳知事は自衛隊に災害派遣を要請した。",
        "輪島市の朝市通りの火災は一夜明けて鎮火した。能登半島の地震では多くの家屋が倒壊し、消防が救助活動を急いでいる。馳知事の要請を受け、自衛隊が石川県に入った。",
        "日本銀行は金融政策決定会合でマイナス金利政策の解除を決めた。利上げは17年ぶりで、植田総裁が会見で説明した。",
        "日銀が17年ぶりの利上げを決定。植田総裁は会見でマイナス金利政策を解除した理由を説明し、緩和的な環境は続くと述べた。",
    ),
    "Korean": (
        (
            "경북 의성군에서 시작된 산불이 강풍을 타고 안동시까지 번졌다. 산림청은 헬기 80대를 투입해 진화 "
            "작업을 벌이고 있으며, 안동시는 "
            "하회마을 주민 4천 명에게 대피 명령을 내렸다."
        ),
        (
            "의성군 산불이 사흘째 꺼지지 않고 안동시 하회마을 쪽으로 번지고 있다. 산림청 헬기 80대가 진화 "
            "작업에 나섰고 주민 4천 명이 대피 "
            "명령에 따라 집을 떠났다."
        ),
        (
            "한국은행 금융통화위원회는 목요일 기준금리를 연 2.75%로 0.25%포인트 인하했다. 이창용 총재는 "
            "기자간담회에서 경기 둔화를 인하 "
            "이유로 들었다."
        ),
        (
            "기준금리 연 2.75%로 0.25%포인트 인하. 이창용 총재는 한국은행 금융통화위원회 회의 뒤 기자간담회에서 "
            "경기 둔화 우려가 커졌다고 "
            "말했다."
        ),
    ),
    "Thai": (
        "เกิดเหตุแผ่นดินไหวทำให้อาคารสำนักงานตรวจเงินแผ่นดินที่กำลังก่อสร้างย่านจตุจักรถล่ม เจ้าหน้าที่กู้ภัยเร่งค้นหาคนงานที่ติดอยู่ใต้ซากอาคาร",
        "อาคารสำนักงานตรวจเงินแผ่นดินย่านจตุจักรถล่มหลังแผ่นดินไหว คนงานหลายสิบคนติดใต้ซากอาคาร ทีมกู้ภัยใช้เครื่องจักรค้นหาผู้รอดชีวิต",
        "ธนาคารแห่งประเทศไทยมีมติลดอัตราดอกเบี้ยนโยบายเหลือร้อยละสองต่อปี คณะกรรมการนโยบายการเงินระบุว่าเศรษฐกิจขยายตัวช้า",
        "คณะกรรมการนโยบายการเงินลดอัตราดอกเบี้ยนโยบายเหลือร้อยละสอง ธนาคารแห่งประเทศไทยห่วงเศรษฐกิจขยายตัวต่ำกว่าคาด",
    ),
    "Finnish": (
        (
            "Rankkasade katkaisi junaliikenteen Tampereen ja Oulun välillä sunnuntaina. Väyläviraston mukaan "
            "radan penger sortui Kokkolan lähellä, ja matkustajia kuljetetaan bussilla ainakin tiistaihin asti."
        ),
        (
            "Kokkolan lähellä sortunut ratapenger pysäytti junat. Tampereelta Ouluun matkustavat joutuvat "
            "busseihin tiistaihin saakka, kertoo Väylävirasto. Penkereen alta huuhtoutui maata sunnuntain "
            "rankkasateessa."
        ),
        (
            "Eduskunta hyväksyi torstaina lain, joka laskee arvonlisäveroa elintarvikkeista. "
            "Valtiovarainministeri Riikka Purra sanoi, että ruoan hinta alenee heti tammikuun alussa. Oppositio "
            "äänesti esitystä vastaan."
        ),
        (
            "Ruoan arvonlisävero laskee tammikuussa: eduskunta äänesti lakiesityksen puolesta. "
            "Valtiovarainministeri Purran mukaan elintarvikkeiden hinnat alenevat heti, mutta oppositio epäilee."
        ),
    ),
    "Turkish": (
        (
            "Muğla'nın Marmaris ilçesinde çıkan orman yangını rüzgârın etkisiyle büyüdü. Vali Orhan Tavlı, üç "
            "mahallenin boşaltıldığını ve yangına on iki helikopterle müdahale edildiğini açıkladı."
        ),
        (
            "Marmaris'teki orman yangınına helikopterlerle müdahale sürüyor. Muğla Valisi Tavlı'ya göre "
            "boşaltılan mahallelerin sayısı üçe çıktı; rüzgâr söndürme çalışmalarını zorlaştırıyor."
        ),
        (
            "Merkez Bankası politika faizini yüzde 50'de sabit tuttu. Para Politikası Kurulu, enflasyondaki "
            "düşüşün sürmesi için sıkı duruşun korunacağını bildirdi."
        ),
        (
            "Politika faizi değişmedi: Merkez Bankası faizi yüzde 50'de bıraktı. Para Politikası Kurulu "
            "açıklamasında enflasyon düşene kadar sıkı duruşun süreceği belirtildi."
        ),
    ),
    "Polish": (
        (
            "Po ulewach wylała Nysa Kłodzka i zalała centrum Kłodzka. Burmistrz Michał Piszko zarządził ewakuację "
            "mieszkańców, a strażacy wypompowują wodę z piwnic szpitala."
        ),
        (
            "Kłodzko pod wodą. Burmistrz Piszko wezwał mieszkańców centrum do ewakuacji, po tym jak Nysa Kłodzka "
            "wystąpiła z brzegów. Strażacy bronią szpitala przed zalaniem."
        ),
        (
            "Sejm przyjął w piątek ustawę o związkach partnerskich. Za głosowało 229 posłów, przeciw 198; teraz "
            "ustawą zajmie się Senat, a prezydent zapowiedział weto."
        ),
        (
            "Prezydent zapowiada weto wobec ustawy o związkach partnerskich. Sejm uchwalił ją w piątek głosami "
            "229 posłów, ustawa trafi do Senatu."
        ),
    ),
    "Hungarian": (
        (
            "Kigyulladt egy raktár Miskolc határában kedden este, a tűzoltók reggelig küzdöttek a lángokkal. A "
            "katasztrófavédelem szerint a raktárban gumiabroncsokat tároltak, a környéken élőket az ablakok "
            "zárására kérték."
        ),
        (
            "Gumiabroncsok égtek egy miskolci raktárban. A tűzoltók egész éjjel dolgoztak a tűz eloltásán; a "
            "katasztrófavédelem azt kérte a környék lakóitól, hogy tartsák zárva az ablakokat."
        ),
        (
            "A kormány januártól tizenöt százalékkal emeli a minimálbért, erről írt alá megállapodást a "
            "szakszervezetekkel és a munkáltatókkal Nagy Márton nemzetgazdasági miniszter."
        ),
        (
            "Aláírták a megállapodást a minimálbérről: januártól tizenöt százalékos emelés jön. Nagy Márton "
            "miniszter szerint a szakszervezetek és a munkáltatók is engedtek."
        ),
    ),
    "Swedish": (
        (
            "Ett godståg spårade ur norr om Kiruna natten till lördagen, och Malmbanan är avstängd. Trafikverket "
            "räknar med att reparationen av spåret tar minst två veckor. LKAB kan inte frakta malm till Narvik."
        ),
        (
            "Malmtransporterna till Narvik står stilla efter urspårningen norr om Kiruna. Enligt Trafikverket "
            "måste spåret på Malmbanan bytas, och det dröjer två veckor, säger LKAB."
        ),
        (
            "Riksbanken sänker styrräntan med 0,25 procentenheter till 2,25 procent. Riksbankschefen Erik Thedéen "
            "säger att inflationen är nära målet och att konjunkturen är svag."
        ),
        (
            "Styrräntan sänks till 2,25 procent. Svag konjunktur ligger bakom Riksbankens beslut, förklarade "
            "riksbankschef Thedéen, som räknar med fortsatt låg inflation."
        ),
    ),
    "Italian": (
        (
            "È crollato nella notte un viadotto dell'autostrada A14 vicino a Pescara, due camion sono "
            "precipitati. I vigili del fuoco hanno estratto vivo un autista; la procura di Pescara ha aperto "
            "un'inchiesta."
        ),
        (
            "Pescara, cede un viadotto sull'A14: due camion nel vuoto. Un autista è stato salvato dai vigili del "
            "fuoco, mentre la procura indaga sulle cause del crollo."
        ),
        (
            "La Camera ha approvato la riforma della giustizia con la separazione delle carriere dei magistrati. "
            "Il ministro Nordio parla di una svolta storica, l'Anm annuncia uno sciopero."
        ),
        (
            "Separazione delle carriere, via libera della Camera alla riforma della giustizia. I magistrati "
            "dell'Anm scioperano; per il ministro Nordio è una giornata storica."
        ),
    ),
    "Greek": (
        (
            "Μεγάλη πυρκαγιά ξέσπασε στην Πάρνηθα το απόγευμα της Τρίτης. Η Πυροσβεστική έστειλε μήνυμα για "
            "εκκένωση στους κατοίκους της Βαρυμπόμπης, ενώ επιχειρούν δέκα αεροσκάφη."
        ),
        (
            "Εκκενώνεται η Βαρυμπόμπη λόγω της πυρκαγιάς στην Πάρνηθα. Δέκα αεροσκάφη της Πυροσβεστικής πετούν "
            "πάνω από το μέτωπο, οι κάτοικοι απομακρύνθηκαν με λεωφορεία."
        ),
        (
            "Η Βουλή ψήφισε το νομοσχέδιο για τα μη κρατικά πανεπιστήμια με 159 ψήφους. Χιλιάδες φοιτητές "
            "διαδήλωσαν στο Σύνταγμα κατά της ιδιωτικοποίησης."
        ),
        (
            "Με 159 ψήφους πέρασε από τη Βουλή το νομοσχέδιο για τα μη κρατικά πανεπιστήμια. Έξω, στο Σύνταγμα, "
            "διαδήλωναν χιλιάδες φοιτητές."
        ),
    ),
    "Indonesian": (
        (
            "Gunung Semeru di Lumajang, Jawa Timur, meletus pada Sabtu pagi dan memuntahkan awan panas sejauh "
            "tujuh kilometer. BPBD mengungsikan dua ribu warga dari lereng gunung."
        ),
        (
            "Dua ribu warga mengungsi setelah Semeru meletus. Menurut BPBD Lumajang, awan panas meluncur tujuh "
            "kilometer ke arah permukiman di lereng gunung."
        ),
        (
            "Mahkamah Konstitusi menolak gugatan hasil pemilihan presiden. Putusan delapan hakim itu dibacakan "
            "pada Senin; tiga hakim menyampaikan pendapat berbeda."
        ),
        (
            "Gugatan hasil pemilihan presiden ditolak Mahkamah Konstitusi. Tiga dari delapan hakim menyatakan "
            "pendapat berbeda dalam putusan yang dibacakan Senin."
        ),
    ),
    "German compounds": (
        (
            "Der Stellwerksbrand in Fulda legt den Bahnverkehr zwischen Frankfurt und Kassel lahm. Die Bahn "
            "rechnet bis Mittwoch mit Zugausfällen; die Kriminalpolizei ermittelt wegen Brandstiftung."
        ),
        (
            "Nach dem Brand eines Stellwerks bei Fulda fallen bis Mittwoch Züge zwischen Kassel und Frankfurt "
            "aus. Die Polizei geht von einer vorsätzlichen Tat aus, teilte die Bahn mit."
        ),
        (
            "Die Europäische Zentralbank hat den Leitzins auf zwei Prozent gesenkt. EZB-Präsidentin Christine "
            "Lagarde begründete die Zinssenkung mit der nachlassenden Inflation im Euroraum."
        ),
        (
            "Lagarde senkt die Zinsen: Der Leitzins der EZB liegt nun bei zwei Prozent. Die Notenbank sieht die "
            "Inflationsrate im Euroraum nahe am Ziel."
        ),
    ),
}


def labels(texts: list[str], days: list[int]) -> list[int]:
    how = load_settings().stories
    found = terms_of([(None, text) for text in texts], words(texts), how)
    known = ArticleFacts(np.array(days, np.int32), np.arange(len(texts)))
    return story_groups([found], known, how).labels.tolist()


@pytest.mark.parametrize("day", [0, DAY], ids=["undated", "dated"])
@pytest.mark.parametrize("language", NEWS)
def test_two_events_in_one_language(language: str, day: int) -> None:
    assert labels(list(NEWS[language]), [day] * 4) == [0, 0, 2, 2]


@pytest.mark.parametrize("day", [0, DAY], ids=["undated", "dated"])
def test_no_story_joins_languages(day: int) -> None:
    texts = [text for reports in NEWS.values() for text in reports]
    assert labels(texts, [day] * len(texts)) == [row - row % 2 for row in range(len(texts))]
