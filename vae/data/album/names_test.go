package album

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"inkdrift/vae/data"
)

// packedAs is a zip of a few pictures in folders of these names, which are in an encoding that it does not state.
func packedAs(t testing.TB, e encoding.Encoding, folders ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i, f := range folders {
		for k := range 4 {
			name := fmt.Sprintf("%s/%d.png", f, k)
			if e != nil {
				var err error
				if name, err = e.NewEncoder().String(name); err != nil {
					t.Fatal(err)
				}
			}
			out, err := w.CreateHeader(&zip.FileHeader{Name: name, NonUTF8: true})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := out.Write(shade(t, byte(40*i+k))); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestNames: folders are read in the code page that they were written in, which the archive does not state.
func TestNames(t *testing.T) {
	for name, c := range map[string]struct {
		encoding encoding.Encoding
		want     []string
	}{
		"UTF-8 without its flag":   {nil, []string{"Bäume", "木", "鳥"}},
		"CP437":                    {charmap.CodePage437, []string{"Bäume", "Fußgänger", "Läufer"}},
		"CP437, French":            {charmap.CodePage437, []string{"chênes", "forêt", "élan"}},
		"CP437, one accent":        {charmap.CodePage437, []string{"cats", "vögel"}},
		"CP437, capitals":          {charmap.CodePage437, []string{"BÄUME", "ÄPFEL"}},
		"Windows-1252":             {charmap.Windows1252, []string{"Bäume", "Fußgänger", "Läufer"}},
		"GBK":                      {simplifiedchinese.GBK, []string{"狗", "马", "鸟"}},
		"GBK, longer":              {simplifiedchinese.GBK, []string{"动物/小猫", "动物/汽车", "动物/玫瑰花"}},
		"GBK, with ASCII":          {simplifiedchinese.GBK, []string{"cats 猫", "dogs_狗"}},
		"Shift-JIS":                {japanese.ShiftJIS, []string{"犬", "猫", "馬", "鳥"}},
		"Shift-JIS, kana":          {japanese.ShiftJIS, []string{"いぬ", "ネコ"}},
		"Shift-JIS, a backslash":   {japanese.ShiftJIS, []string{"表", "裏"}}, // 0x95 0x5c
		"Shift-JIS, half the kana": {japanese.ShiftJIS, []string{"子犬の写真", "子猫の写真"}},
		"Shift-JIS, half width":    {japanese.ShiftJIS, []string{"ｲﾇ", "ﾊﾞｽ", "ｸﾞﾐ"}},
		"Shift-JIS, like Latin":    {japanese.ShiftJIS, []string{"四角", "山"}},
		"GBK that is UTF-8, too":   {simplifiedchinese.GBK, []string{"猫", "鸭"}},
		"GBK that is, mostly":      {simplifiedchinese.GBK, []string{"牛", "女", "圆", "笑", "一", "雪"}},
		"UTF-8, Russian":           {nil, []string{"бабка", "кот", "собака"}},
		"UTF-8, Greek":             {nil, []string{"γάτα", "σκύλος"}},
		"UTF-8, Polish":            {nil, []string{"kot", "pies", "żółw"}},
		"UTF-8, one accent":        {nil, []string{"café", "thé"}},
		"Big5":                     {traditionalchinese.Big5, []string{"狗", "貓", "鳥"}},
		"Big5, a backslash":        {traditionalchinese.Big5, []string{"功課", "許可", "蓋子"}}, // 0xa55c, 0xb35c, 0xbb5c
		"EUC-KR":                   {korean.EUCKR, []string{"강아지", "고양이", "자동차"}},
		"EUC-KR, with ASCII":       {korean.EUCKR, []string{"cats 고양이", "dogs_개"}},
		"CP866":                    {charmap.CodePage866, []string{"кошки", "машины", "собаки"}},
		"CP866, capitals":          {charmap.CodePage866, []string{"Кошки", "СОБАКИ"}},
		"CP1251":                   {charmap.Windows1251, []string{"кошки", "машины", "собаки"}},
		"CP1251, Ukrainian":        {charmap.Windows1251, []string{"Квіти", "їжак"}},
	} {
		a, err := unpack(t, packedAs(t, c.encoding, c.want...), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		set, err := a.Collection("x")
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for _, f := range c.want {
			want = append(want, f[strings.LastIndexByte(f, '/')+1:])
		}
		slices.Sort(want)
		if !slices.Equal(set.Classes, want) {
			t.Errorf("%s: %q, want %q", name, set.Classes, want)
		}
	}
}

// TestRawNames: bytes as old programs wrote them.
func TestRawNames(t *testing.T) {
	for _, c := range []struct{ raw, want []string }{
		{[]string{"\xb0\xad\xbe\xc6\xc1\xf6", "\xb0\xed\xbe\xe7\xc0\xcc"}, []string{"강아지", "고양이"}}, // EUC-KR
		{[]string{"\xaa\xaf", "\xbf\xdf", "\xb3\xbe"}, []string{"狗", "貓", "鳥"}},                    // Big5
		{[]string{"\xaa\xae\xe2", "\xe1\xae\xa1\xa0\xaa\xa0"}, []string{"кот", "собака"}},          // CP866
		{[]string{"\xea\xee\xf2", "\xf1\xee\xe1\xe0\xea\xe0"}, []string{"кот", "собака"}},          // CP1251
	} {
		if got := DecodeNames(c.raw, make([]bool, len(c.raw))); !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.raw, got, c.want)
		}
	}
}

// TestPairsOfNames: two names are enough to tell the code page, nearly always.
func TestPairsOfNames(t *testing.T) {
	chinese := strings.Fields("猫 狗 鸭 鸡 牛 羊 马 鱼 鸟 虎 兔 龙 蛇 女 男 圆 方 笑 哭 一 二 三 四 五 六 七 八 九 十 零 雪 雨 晴 云 花 树 草 山 水 火 红 黄 蓝 绿 黑 白 苹果 香蕉 汽车 飞机 小狗 大象 熊猫 猴子 松鼠 数字 字母 人脸 风景 建筑 正常 异常 玫瑰 向日葵 郁金香 蒲公英")
	japanese1 := strings.Fields("犬 猫 馬 鳥 牛 魚 花 木 山 川 海 空 雨 雪 四角 三角 丸 菊 桜 梅 松 人 男 女 顔 手 足 車 電車 飛行機 いぬ ねこ うさぎ ぞう ネコ イヌ トリ ウマ サクラ りんご みかん 文字 数字 平仮名 片仮名 正常 異常")
	latin := strings.Fields("Bäume Fußgänger Läufer Vögel Öl Äpfel café thé forêt chêne élan año niño señal château pâte garçon Früchte Hände Füße Käse böse möbel über schön grün")
	for name, c := range map[string]struct {
		encoding encoding.Encoding
		words    []string
		most     float64 // of the pairs are read wrongly
	}{
		"GBK": {simplifiedchinese.GBK, chinese, 0.01}, "Shift-JIS": {japanese.ShiftJIS, japanese1, 0.01}, "CP437": {charmap.CodePage437, latin, 0.01},
		"Big5":   {traditionalchinese.Big5, strings.Fields("貓 狗 鴨子 雞 牛 羊 馬 魚 鳥 老虎 兔子 恐龍 蛇 蘋果 香蕉 西瓜 汽車 飛機 輪船 玫瑰 向日葵 鬱金香 數字 字母 風景 建築 正常 異常 桌子 椅子 電腦 鉛筆 眼鏡 獅子 烏龜 孔雀 台北 高雄 夜市 廟宇"), 0.03},
		"EUC-KR": {korean.EUCKR, strings.Fields("고양이 강아지 개 말 소 돼지 토끼 호랑이 사자 코끼리 원숭이 사과 바나나 포도 딸기 수박 자동차 비행기 기차 버스 트럭 꽃 나무 장미 튤립 남자 여자 얼굴 웃음 울음 숫자 글자 정상 불량 서울 부산 학교 도서관 펭귄 앵무새 다람쥐 고래 상어"), 0.02},
		"CP866":  {charmap.CodePage866, strings.Fields("кот кошка собака лошадь корова рыба птица лес река гора дом машина самолёт поезд цветок роза тюльпан яблоко груша вишня мужчина женщина лицо улыбка ноль один два три четыре пять Хорошо Брак норма ёж Дуб"), 0.02},
		"CP1251": {charmap.Windows1251, strings.Fields("кот кошка собака лошадь корова рыба птица лес река гора дом машина самолёт поезд цветок роза тюльпан яблоко груша вишня мужчина женщина лицо улыбка ноль один два три четыре пять Хорошо Брак норма ёж Дуб"), 0.02},
		"UTF-8":  {nil, slices.Concat(chinese, japanese1, latin, strings.Fields("кот собака лес мир γάτα żółw łódź")), 0},
	} {
		wrong, n := []string{}, 0
		for i, a := range c.words {
			for _, b := range c.words[:i] {
				raw := []string{a, b}
				for k, w := range raw {
					if c.encoding != nil {
						raw[k], _ = c.encoding.NewEncoder().String(w)
					}
				}
				n++
				if got := DecodeNames([]string{raw[0] + "/1.png", raw[1] + "/1.png"}, []bool{false, false}); a != b && (got[0] != a+"/1.png" || got[1] != b+"/1.png") {
					wrong = append(wrong, fmt.Sprint(a, " ", b, " as ", got))
				}
			}
		}
		if float64(len(wrong)) > c.most*float64(n) {
			t.Errorf("%s: %d of %d pairs are read wrongly: %q", name, len(wrong), n, wrong[:min(len(wrong), 12)])
		}
	}
}

// TestNamesStayApart: whatever bytes names are of, as many classes come out.
func TestNamesStayApart(t *testing.T) {
	var folders []string
	for i := range 60 {
		folders = append(folders, "\xff"+string([]byte{byte(0x80 + 2*i), 0x20 + byte(i)}))
	}
	for i, f := range folders {
		folders[i] = strings.NewReplacer("/", "_", "\\", "-").Replace(f)
	}
	a, err := unpack(t, packedAs(t, nil, folders...), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if set, err := a.Collection("x"); err != nil || len(set.Classes) != len(folders) {
		t.Errorf("%d classes of %d, %v", len(set.Classes), len(folders), err)
	}
}

// TestUnicodePath: a name in UTF-8 beside the other is the right one.
func TestUnicodePath(t *testing.T) {
	raw := "b\x8ab\x82/1.png"
	extra := binary.LittleEndian.AppendUint32([]byte{1}, crc32.ChecksumIEEE([]byte(raw)))
	extra = append(extra, "bébé/1.png"...)
	field := binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint16(nil, 0x7075), uint16(len(extra)))
	f := &zip.File{FileHeader: zip.FileHeader{Name: raw, Extra: append(field, extra...)}}
	other := &zip.File{FileHeader: zip.FileHeader{Name: raw + "x", Extra: f.Extra}}
	if got := zipNames([]*zip.File{f, other}); got[0] != "bébé/1.png" || got[1] != "bèbé/1.pngx" {
		t.Errorf("%q", got)
	}
}

// TestAllRefused: where every file has a password, that is the reason.
func TestAllRefused(t *testing.T) {
	for name, c := range map[string]struct {
		e    entry
		kind error
		what string
	}{
		"a password": {entry{flags: 1, size: 5, packed: 5}, ErrPassword, ""},
		"Deflate64":  {entry{method: 9, size: 5, packed: 5}, ErrUnsupported, "Deflate64"},
	} {
		a, err := unpack(t, raw([]string{"1.png", "2.png", "3.png"}, []entry{c.e, c.e, c.e}, [][]byte{[]byte("12345"), []byte("12345"), []byte("12345")}), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = a.Collection("x")
		if !errors.Is(err, data.ErrTooFew) || !errors.Is(err, c.kind) {
			t.Errorf("%s: %v", name, err)
		}
		var fe *data.FileError
		if r := a.Report(); r.Unreadable != 3 || !errors.As(r.Named[0].Err, &fe) || fe.What != c.what {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// TestLoose: one cover picture beside the folders is no class, and is named.
func TestLoose(t *testing.T) {
	var files []named
	for i := range 12 {
		files = append(files, named{fmt.Sprintf("set/%s/%d.png", []string{"cats", "dogs"}[i%2], i), shade(t, byte(i))})
	}
	a, err := unpack(t, pack(t, append(files, named{"set/cover.png", shade(t, 99)}, named{"set/.DS_Store", []byte("x")})...), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := a.Collection("pets")
	r := a.Report()
	if err != nil || !slices.Equal(c.Classes, []string{"cats", "dogs"}) || r.Pictures != 12 || r.Unreadable != 1 || r.FirstHid != "set/.DS_Store" {
		t.Fatalf("%v, %v, %+v", c, err, r)
	}
	if n := r.Named[0]; n.Name != "set/cover.png" || !errors.Is(n.Err, ErrNoClass) || n.Files != 1 {
		t.Errorf("%+v", n)
	}
	if n := c.Train.Len() + c.Validation.Len() + c.Test.Len(); n != 12 {
		t.Errorf("%d pictures are dealt out", n)
	}
}

// TestParts: folders for training and for the test are these parts.
func TestParts(t *testing.T) {
	var files []named
	for i := range 40 {
		files = append(files, named{fmt.Sprintf("%s/%s/%d.png", []string{"train", "train", "train", "test"}[i%4], []string{"cats", "dogs"}[i/4%2], i), shade(t, byte(i))})
	}
	a, err := unpack(t, pack(t, files...), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := a.Collection("pets")
	if err != nil || c.Split != data.SplitFolders || c.Train.Len() != 27 || c.Validation.Len() != 3 || c.Test.Len() != 10 || len(c.Classes) != 2 {
		t.Errorf("%v, %v, %v", c, err, c.Info)
	}
	v := make([]float32, 48)
	for i := range c.Test.Len() {
		if c.Test.Batch(v, []int{i}); int(v[0]*255+0.5)%4 != 3 {
			t.Errorf("picture %d of the test has the grey %v", i, v[0]*255)
		}
	}
}

func FuzzNames(f *testing.F) {
	f.Add("a/1.png", "b\x84ume/2.png")
	f.Add("\xb9\xb7/1.png", "\xc2\xed")
	f.Add("\x95\\/x", "木")
	f.Add("\xb0\xad\xbe\xc6\xc1\xf6", "\xaa\xaf\xbf\xdf") // EUC-KR; Big5
	f.Add("\xaa\xae\xe2", "\xea\xee\xf2")                 // CP866; CP1251
	f.Fuzz(func(t *testing.T, a, b string) {
		got := zipNames([]*zip.File{{FileHeader: zip.FileHeader{Name: a}}, {FileHeader: zip.FileHeader{Name: b}}})
		if !utf8.ValidString(got[0]) || !utf8.ValidString(got[1]) {
			t.Fatalf("%q", got)
		}
		if a == b && got[0] != got[1] {
			t.Fatalf("one name became two: %q", got)
		}
	})
}
