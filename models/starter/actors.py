# SPDX-License-Identifier: LGPL-2.1-or-later
"""The cast: which sprites play, how big and heavy they are, their names."""

import json
import os
from functools import lru_cache

import numpy as np
from PIL import Image

SPRITE = 128
FILLED = .88                    # the share of its square a sprite fills

KINDS = ('walker', 'hopper', 'vehicle', 'flyer', 'floater', 'swimmer',
         'boat', 'roller', 'thing')

# name | sprite | kind | faces | height in pixels | material | mass in kg |
# names used in captions.
# faces: L or R, the way the sprite looks; B where it looks at us
_TABLE = '''
dog|dog|walker|L|67|fur|20|dog,doggy
poodle|poodle|walker|L|66|fur|15|poodle,grey poodle
wolf|wolf|hopper|B|64|fur|40|wolf,grey wolf
fox|fox|hopper|B|62|fur|7|fox,orange fox
raccoon|raccoon|hopper|B|60|fur|6|raccoon
cat|cat|walker|L|64|fur|5|cat,tabby cat
black cat|black cat|walker|L|64|fur|5|black cat
lion|lion|hopper|B|70|fur|190|lion
tiger|tiger|walker|L|70|fur|180|tiger,striped tiger
leopard|leopard|walker|L|70|fur|60|leopard,spotted leopard
horse|horse|walker|L|77|fur|500|horse,brown horse
unicorn|unicorn|hopper|L|74|fur|450|unicorn
zebra|zebra|walker|L|74|fur|350|zebra,striped zebra
deer|deer|walker|L|76|fur|100|deer,brown deer
bison|bison|walker|L|78|fur|800|bison
cow|cow|walker|L|74|fur|600|cow,spotted cow
pig|pig|walker|L|69|skin|150|pig,pink pig
sheep|ewe|walker|L|70|fur|70|sheep,white sheep
goat|goat|walker|L|70|fur|50|goat,brown goat
camel|camel|walker|L|79|fur|500|camel
llama|llama|walker|L|77|fur|140|llama,white llama
giraffe|giraffe|walker|L|84|fur|1000|giraffe,tall giraffe
elephant|elephant|walker|L|84|skin|4000|elephant,grey elephant
mammoth|mammoth|walker|L|84|fur|6000|mammoth,brown mammoth
rhinoceros|rhinoceros|walker|L|80|skin|2000|rhinoceros,rhino
hippopotamus|hippopotamus|walker|L|80|skin|1500|hippopotamus,hippo
mouse|mouse|walker|L|56|fur|0.1|mouse,grey mouse
rabbit|rabbit|hopper|L|61|fur|2|rabbit,white rabbit
chipmunk|chipmunk|hopper|L|58|fur|0.3|chipmunk
beaver|beaver|walker|L|62|fur|20|beaver,brown beaver
hedgehog|hedgehog|walker|L|58|fur|1|hedgehog
skunk|skunk|walker|L|62|fur|3|skunk
kangaroo|kangaroo|hopper|L|76|fur|60|kangaroo
badger|badger|walker|L|62|fur|12|badger
bat|bat|flyer|B|62|fur|0.1|bat,brown bat
turkey|turkey|walker|L|64|feather|8|turkey
chicken|chicken|walker|L|59|feather|2|chicken,white chicken
rooster|rooster|walker|L|62|feather|3|rooster
chick|baby chick|hopper|L|54|feather|0.1|chick,yellow chick
bird|bird|flyer|L|59|feather|0.2|bird,red bird
dove|dove|flyer|L|60|feather|0.3|dove,white dove
eagle|eagle|flyer|L|70|feather|5|eagle
penguin|penguin|walker|B|67|feather|12|penguin
duck|duck|walker|L|61|feather|1|duck,green duck
swan|swan|swimmer|L|66|feather|10|swan,white swan
owl|owl|hopper|B|62|feather|1|owl,brown owl
flamingo|flamingo|walker|L|70|feather|3|flamingo,pink flamingo
peacock|peacock|walker|B|68|feather|5|peacock
parrot|parrot|flyer|L|62|feather|1|parrot,colourful parrot
frog|frog|hopper|B|59|skin|0.2|frog,green frog
crocodile|crocodile|walker|B|72|skin|400|crocodile,green crocodile
turtle|turtle|walker|L|66|shell|20|turtle,green turtle
snake|snake|walker|B|66|skin|3|snake,green snake
dragon|dragon|flyer|L|78|skin|900|dragon,green dragon
brontosaurus|sauropod|walker|L|84|skin|9000|brontosaurus,long-necked dinosaur
dinosaur|T-Rex|walker|L|82|skin|5000|T-Rex,dinosaur
whale|spouting whale|swimmer|L|84|skin|9000|whale,blue whale
dolphin|dolphin|swimmer|L|69|skin|150|dolphin,blue dolphin
seal|seal|swimmer|L|68|skin|120|seal,grey seal
fish|fish|swimmer|L|60|skin|1|fish,blue fish
tropical fish|tropical fish|swimmer|L|62|skin|0.5|tropical fish,striped fish
blowfish|blowfish|swimmer|L|62|skin|1|blowfish
shark|shark|swimmer|L|76|skin|500|shark,grey shark
octopus|octopus|swimmer|B|66|skin|10|octopus,orange octopus
crab|crab|walker|B|61|shell|1|crab,red crab
lobster|lobster|walker|B|64|shell|2|lobster,red lobster
shrimp|shrimp|swimmer|L|58|shell|0.1|shrimp
squid|squid|swimmer|B|66|skin|5|squid,pink squid
snail|snail|walker|L|59|shell|0.1|snail
butterfly|butterfly|flyer|B|59|skin|0.1|butterfly,orange butterfly
caterpillar|bug|walker|L|56|skin|0.1|caterpillar,green caterpillar
ant|ant|walker|L|56|shell|0.1|ant,black ant
bee|honeybee|flyer|L|59|skin|0.1|bee,striped bee
ladybird|lady beetle|walker|B|56|shell|0.1|ladybird
cricket|cricket|hopper|L|58|shell|0.1|cricket,green cricket
spider|spider|walker|B|60|skin|0.1|spider,black spider
scorpion|scorpion|walker|B|60|shell|0.1|scorpion
monkey|monkey|hopper|L|69|fur|30|monkey,brown monkey
gorilla|gorilla|walker|L|76|fur|160|gorilla,grey gorilla
train|locomotive|vehicle|L|82|metal|50000|train,steam train
tram|tram car|vehicle|B|84|metal|30000|tram,red tram
bus|bus|vehicle|L|84|metal|12000|bus,city bus
ambulance|ambulance|vehicle|L|80|metal|3500|ambulance
fire engine|fire engine|vehicle|L|82|metal|14000|fire engine,fire truck
police car|police car|vehicle|L|77|metal|1700|police car
taxi|taxi|vehicle|L|77|metal|1600|taxi,yellow taxi
car|automobile|vehicle|L|75|metal|1400|car,red car
jeep|sport utility vehicle|vehicle|L|78|metal|2200|jeep,blue jeep
delivery van|delivery truck|vehicle|L|82|metal|4000|delivery van,van
lorry|articulated lorry|vehicle|L|84|metal|18000|lorry,truck
tractor|tractor|vehicle|L|77|metal|4000|tractor,green tractor
racing car|racing car|vehicle|L|77|metal|800|racing car,race car
motorcycle|motorcycle|vehicle|L|72|metal|250|motorcycle,red motorcycle
scooter|motor scooter|vehicle|L|68|metal|110|scooter,red scooter
rickshaw|auto rickshaw|vehicle|L|76|metal|400|rickshaw,green rickshaw
bicycle|bicycle|vehicle|L|70|metal|14|bicycle
sailboat|sailboat|boat|B|82|wood|900|sailboat,sailing boat
canoe|canoe|boat|B|76|wood|40|canoe
speedboat|speedboat|boat|L|80|plastic|1500|speedboat,motor boat
ferry|ferry|boat|L|84|metal|90000|ferry,blue ferry
ship|ship|boat|L|84|metal|90000|ship,red ship
cruise ship|passenger ship|boat|L|84|metal|90000|cruise ship,white ship
plane|airplane|flyer|R|76|metal|40000|plane,white plane
small plane|small airplane|flyer|R|70|metal|900|small plane,propeller plane
helicopter|helicopter|flyer|L|72|metal|2500|helicopter,orange helicopter
rocket|rocket|flyer|R|77|metal|9000|rocket,space rocket
saucer|flying saucer|flyer|B|74|metal|3000|flying saucer,UFO
parachute|parachute|floater|B|76|cloth|90|parachute,colourful parachute
balloon|balloon|floater|B|69|air|0.1|balloon,red balloon
kite|kite|floater|B|66|cloth|0.3|kite,colourful kite
ghost|ghost|floater|B|69|air|1|ghost,white ghost
cloud|cloud|floater|B|70|air|1|white cloud,cloud
planet|ringed planet|floater|B|66|stone|9000|planet,ringed planet
satellite|satellite|floater|B|66|metal|1000|satellite
comet|comet|flyer|L|64|stone|900|comet,red comet
football|soccer ball|roller|B|54|leather|0.4|football,blue and white ball
baseball|baseball|roller|B|52|leather|0.2|baseball,white and red ball
basketball|basketball|roller|B|54|rubber|0.6|basketball,orange ball
volleyball|volleyball|roller|B|54|leather|0.3|volleyball,white ball
billiard ball|pool 8 ball|roller|B|52|plastic|0.2|billiard ball,black ball
wheel|wheel|roller|B|58|wood|8|wheel,wooden wheel
coin|coin|roller|B|52|metal|0.1|coin,gold coin
doughnut|doughnut|roller|B|54|food|0.1|doughnut,chocolate doughnut
apple|red apple|roller|B|54|food|0.2|apple,red apple
coconut|coconut|roller|B|54|wood|1.4|coconut
pumpkin|jack-o-lantern|roller|B|61|food|5|pumpkin,orange pumpkin
gear|gear|roller|B|56|metal|2|gear,grey gear
egg|egg|roller|B|54|shell|0.1|egg,brown egg
bomb|bomb|roller|B|58|metal|4|bomb,round bomb
yo-yo|yo-yo|roller|B|56|plastic|0.1|yo-yo,purple yo-yo
teddy bear|teddy bear|thing|B|67|cloth|0.5|teddy bear,teddy
snowman|snowman|thing|B|74|snow|60|snowman
robot|robot|hopper|B|69|metal|60|robot
alien|alien|hopper|B|66|skin|40|alien,green alien
monster|alien monster|hopper|B|66|skin|50|monster,purple monster
die|game die|thing|B|56|plastic|0.1|dice cube,white dice
Christmas tree|Christmas tree|thing|B|76|plant|20|Christmas tree
cake|birthday cake|thing|B|64|food|2|birthday cake,cake
light bulb|light bulb|thing|B|60|glass|0.1|light bulb
bell|bell|thing|B|61|metal|10|bell,golden bell
clock|alarm clock|thing|B|64|metal|0.5|alarm clock,red clock
drum|drum|thing|B|64|wood|4|drum,red drum
guitar|guitar|thing|B|68|wood|3|guitar,red guitar
violin|violin|thing|B|66|wood|0.5|violin
trumpet|trumpet|thing|B|64|metal|1|trumpet
saxophone|saxophone|thing|B|66|metal|3|saxophone
maracas|maracas|thing|B|62|wood|0.3|pair of maracas
telephone|telephone|thing|B|62|plastic|2|telephone,red telephone
radio|radio|thing|B|64|plastic|2|radio,grey radio
hammer|hammer|thing|B|64|metal|1|hammer
axe|axe|thing|B|66|metal|2|axe,red axe
bucket|bucket|thing|B|62|plastic|1|bucket,blue bucket
toolbox|toolbox|thing|B|62|metal|6|toolbox,red toolbox
bolt|nut and bolt|thing|B|58|metal|0.2|bolt,steel bolt
magnet|magnet|thing|B|60|metal|0.5|magnet,red magnet
diamond|gem stone|thing|B|60|glass|0.1|diamond,blue diamond
crystal ball|crystal ball|thing|B|62|glass|3|crystal ball
wine glass|wine glass|thing|B|64|glass|0.3|wine glass,glass of red wine
beer mug|beer mug|thing|B|62|glass|1|beer mug
milk|glass of milk|thing|B|60|glass|0.4|glass of milk
jar|jar|thing|B|62|glass|0.5|jar,empty jar
vase|amphora|thing|B|66|ceramic|3|vase,clay vase
teapot|teapot|thing|B|60|ceramic|1|teapot,red teapot
honey pot|honey pot|thing|B|60|ceramic|1|honey pot,pot of honey
watermelon|watermelon|thing|B|60|food|2|watermelon,slice of watermelon
pineapple|pineapple|thing|B|64|food|1|pineapple
banana|banana|thing|B|60|food|0.2|banana,yellow banana
tree stump|wood|thing|B|66|wood|30|tree stump
rock|rock|thing|B|64|stone|80|rock,grey rock
brick wall|brick|thing|B|60|stone|90|brick wall
barrel|oil drum|thing|B|66|metal|20|barrel,blue barrel
anchor|anchor|thing|B|66|metal|50|anchor,blue anchor
umbrella|umbrella|floater|B|68|cloth|0.5|umbrella,purple umbrella
tent|tent|thing|B|70|cloth|5|tent,green tent
house|house|thing|B|80|stone|50000|house
castle|castle|thing|B|84|stone|90000|castle
cactus|cactus|thing|B|72|plant|50|cactus,green cactus
mushroom|mushroom|thing|B|60|plant|0.1|mushroom,red mushroom
sunflower|sunflower|thing|B|68|plant|0.5|sunflower
tulip|tulip|thing|B|66|plant|0.1|tulip,pink tulip
fire|fire|thing|B|66|air|1|fire
star|star|floater|B|60|plastic|1|star,yellow star
heart|red heart|floater|B|58|cloth|0.1|heart,red heart
traffic light|vertical traffic light|thing|B|74|metal|20|traffic light
stop sign|stop sign|thing|B|66|metal|5|stop sign,red sign
door|door|thing|B|76|wood|25|door,wooden door
bathtub|bathtub|thing|B|68|ceramic|90|bathtub
trophy|trophy|thing|B|64|metal|3|trophy,golden trophy
top hat|top hat|thing|B|58|cloth|0.2|top hat,black hat
crown|crown|thing|B|56|metal|1|crown,golden crown
hourglass|hourglass not done|thing|B|66|glass|1|hourglass
basket|basket|thing|B|62|wood|1|basket
'''


class Actor:
    """One line of the table."""

    def __init__(self, line):
        cells = line.split('|')
        self.name, self.sprite, self.kind, self.faces = cells[:4]
        self.height, self.material = int(cells[4]), cells[5]
        self.mass = float(cells[6])
        self.names = cells[7].split(',')


CAST = {actor.name: actor
        for actor in map(Actor, _TABLE.strip().splitlines())}
NAMES = list(CAST)


# What moves, in the captions' sense: things only fall, or are hit.
MOVERS = [actor.name for actor in CAST.values() if actor.kind != 'thing']


class MissingData(Exception):
    """The sprites are not where they should be."""


def data_folder(root=None):
    """The folder `shared/data`, beside the repository unless told."""
    here = os.path.dirname(os.path.abspath(__file__))
    root = root or os.path.join(here, '..', '..', '..', 'shared', 'data')
    root = os.path.abspath(root)
    if not os.path.exists(os.path.join(root, 'actors.json')):
        raise MissingData(
            f'{root}/actors.json: not found. The recipe needs the sprites of '
            'shared/data/actors, beside the repository (see README.md).')
    return root


@lru_cache(maxsize=None)
def catalogue():
    root = data_folder()
    with open(os.path.join(root, 'actors.json'), encoding='utf-8') as file:
        return {entry['name']: entry for entry in json.load(file)}


class Sprite:
    """The frames of an actor, looped.

    images: cut to the opaque part over the whole loop, in the mode RGBa
        (colours already multiplied by alpha), which PIL resamples fastest.
    boxes: the opaque part of each image.
    reach: the greatest distance of an opaque pixel from the middle.
    """

    def __init__(self, path, entry):
        self.images, self.boxes = [], []
        with Image.open(path) as file:
            for index in range(entry['frames']):
                file.seek(index)
                image = file.convert('RGBA').crop(entry['box'])
                self.boxes.append(image.getchannel('A').getbbox()
                                  or (0, 0, 1, 1))
                self.images.append(image.convert('RGBa'))
        self.width, self.height = self.images[0].size
        self.reach = max(_reach(image) for image in self.images)


def half_width(name, height):
    """Half of an actor's width where its sprite's square is so high."""
    box = catalogue()[CAST[name].sprite]['box']
    return (box[2] - box[0]) / 2 * height / (SPRITE * FILLED)


def full_height(name, height):
    """How high an actor stands where its sprite's square is so high."""
    box = catalogue()[CAST[name].sprite]['box']
    return (box[3] - box[1]) * height / (SPRITE * FILLED)


def _reach(image):
    """The greatest distance of an opaque pixel from an image's middle."""
    rows, columns = np.nonzero(np.asarray(image)[..., 3])
    x = np.abs(columns + .5 - image.width / 2) + .5
    y = np.abs(rows + .5 - image.height / 2) + .5
    return float(np.sqrt((x ** 2 + y ** 2).max())) if len(x) else 0.0


@lru_cache(maxsize=None)
def sprite(name):
    """The sprite of an actor, read once."""
    entry = catalogue()[CAST[name].sprite]
    return Sprite(os.path.join(data_folder(), 'actors', entry['file']), entry)
